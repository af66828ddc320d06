// What every page gets on top of plain forms and links. Without this file everything still works.
import { startBusyButtons } from "./components/busy.js";
import { startFocusAfterSwap } from "./components/focus.js";
import { startOfflineBar } from "./components/offline.js";
import { startPasswordButtons } from "./components/password.js";
import { startSteppers } from "./components/stepper.js";
import { startTicks } from "./components/ticks.js";
import { startUploads } from "./components/upload.js";
import { startWeekGrid } from "./components/week_grid.js";

startBusyButtons();
startFocusAfterSwap();
startOfflineBar();
startPasswordButtons();
startSteppers();
startTicks();
startUploads();
startWeekGrid();
