"""Jobs, the route decisions they come from, and what needs a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.database import Model, enum_column, new_public_id
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.states import StateTable
from shortchain.ordering.models import Order, OrderLine


class Stage(StrEnum):
    """The kinds of work in a chain, in their order."""

    PROCESS = "process"
    PACK = "pack"
    DELIVER = "deliver"


class JobState(StrEnum):
    PLANNED = "planned"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    STARTED = "started"
    READY = "ready"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


JOB = StateTable(
    {
        (JobState.PLANNED, "offer"): JobState.OFFERED,
        (JobState.PLANNED, "withdraw"): JobState.WITHDRAWN,
        (JobState.OFFERED, "accept"): JobState.ACCEPTED,
        (JobState.OFFERED, "decline"): JobState.DECLINED,
        (JobState.OFFERED, "expire"): JobState.EXPIRED,
        (JobState.OFFERED, "withdraw"): JobState.WITHDRAWN,
        (JobState.ACCEPTED, "start"): JobState.STARTED,
        (JobState.ACCEPTED, "decline"): JobState.DECLINED,
        (JobState.ACCEPTED, "withdraw"): JobState.WITHDRAWN,
        (JobState.STARTED, "finish"): JobState.READY,
        (JobState.STARTED, "pause"): JobState.ACCEPTED,
        (JobState.READY, "reopen"): JobState.STARTED,
    }
)

LIVE_JOBS = (
    JobState.PLANNED,
    JobState.OFFERED,
    JobState.ACCEPTED,
    JobState.STARTED,
    JobState.READY,
)


def compared_stages(mode: str, explanation: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """List the stages for which a decision of a mode looked at several enterprises, with what it saw.

    Where orders were chosen together, or somebody named who does it, the chain itself was given and each stage
    knew one: to say that one of one could would tell nothing, and hide that others were looked at before.
    """
    alone = mode in ("online", "reroute")
    return {key: seen for key, seen in explanation["stages"].items() if alone or seen["candidates"] > 1}


class RouteDecision(Model):
    """Why a chain was chosen: the plan and its explanation, as `docs/routing.md` lists them."""

    __tablename__ = "route_decision"
    __table_args__ = (UniqueConstraint("order_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    version: Mapped[int]
    mode: Mapped[str] = mapped_column(String(12))  # online, reroute, moved, manual, batch, together
    made_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    plan: Mapped[dict[str, Any]]
    explanation: Mapped[dict[str, Any]]

    @property
    def compared(self) -> dict[str, Mapping[str, Any]]:
        """The stages for which this decision looked at several enterprises."""
        return compared_stages(self.mode, self.explanation)


class Job(Model):
    """Work that one enterprise is asked to do on one order.

    `cost_cents` is what the enterprise is owed for it, VAT included.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("cost_cents >= 0 AND use >= 0", name="amounts"),
        CheckConstraint("half IN ('', 'morning', 'afternoon')", name="half"),
        Index("ix_job_enterprise_state_day", "enterprise_id", "state", "day"),
        Index("ix_job_state_answer_by", "state", "answer_by"),
        Index(
            "ix_job_refused_at",
            "refused_at",
            sqlite_where=text("refused_at IS NOT NULL"),
            postgresql_where=text("refused_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id, insert_sentinel=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    capability_id: Mapped[int] = mapped_column(ForeignKey("capability.id"))
    stage: Mapped[Stage] = mapped_column(enum_column(Stage))
    service: Mapped[str] = mapped_column(String(16))
    state: Mapped[JobState] = mapped_column(enum_column(JobState))
    day: Mapped[date] = mapped_column(index=True)
    half: Mapped[str] = mapped_column(
        String(9), default="", server_default=""
    )  # kernel.halves, where its doer chose one
    use: Mapped[int]  # of the day's capacity: grams, boxes or stops
    metres: Mapped[int] = mapped_column(default=0)  # from the place before
    cost_cents: Mapped[int]
    vat_rate_bp: Mapped[int] = mapped_column(default=2100)
    reservation_key: Mapped[str] = mapped_column(String(80))
    decision_version: Mapped[int]
    offered_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]  # its doer said no, with many others at once; still theirs until it is moved
    reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    order: Mapped[Order] = relationship(lazy="raise")
    enterprise: Mapped[Enterprise] = relationship(lazy="raise")
    lines: Mapped[list[JobLine]] = relationship(lazy="raise", order_by="JobLine.id")

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = JOB.after(self.state, action)


class JobLine(Model):
    """An order line that a job handles; `lots` are the lot codes that went in, for tracing."""

    __tablename__ = "job_line"
    __table_args__ = (UniqueConstraint("job_id", "order_line_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), index=True)
    packed: Mapped[bool] = mapped_column(default=False)
    lots: Mapped[list[Any]] = mapped_column(default=list)

    order_line: Mapped[OrderLine] = relationship(lazy="raise")


class CoordinatorTask(Model):
    """Something that the system could not settle and a coordinator must."""

    __tablename__ = "coordinator_task"
    __table_args__ = (Index("ix_coordinator_task_hub_done", "hub_id", "done_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    hub_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("customer_order.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))  # unrouted, late, failed_stop, …
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(200), default="")
