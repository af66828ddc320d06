"""`python -m access_point_stand_in --port 8003`: runs until it is stopped."""

from __future__ import annotations

import argparse

from access_point_stand_in.server import make_server


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A stand-in for a Peppol access point.")
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--key", default="ap_stand_in")
    parser.add_argument("--delivery-seconds", type=float, default=0.0, help="So long a document is on its way.")
    asked = parser.parse_args()
    server = make_server(asked.port, key=asked.key, delivery_seconds=asked.delivery_seconds)
    print(f"access point (stand-in) on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
