"""What screens need of the garage and of saved plots and formulas.

Each lookup takes a public id, or the unique end of one. Raises NotFoundError for an
unknown id, UsageError for what makes no sense, DatabaseError where the database
refuses. Deleting is soft: ``restore_…`` brings back what went.
"""

from __future__ import annotations

from typing import Protocol

from ps_tui.domain.garage import (
    Configuration,
    ConfigurationDraft,
    MathChannel,
    MathChannelDraft,
    PlotLayout,
    PlotLayoutDraft,
    Setup,
    SetupDraft,
    Vehicle,
    VehicleDraft,
)
from ps_tui.domain.models import Deletion, Session


class Garage(Protocol):
    """Vehicles, their parts lists and their setups."""

    async def vehicles(self, *, deleted: bool = False) -> list[Vehicle]:
        """Return the cars by name; with ``deleted`` only deleted ones."""
        ...

    async def vehicle(self, vehicle_id: str) -> Vehicle: ...
    async def create_vehicle(self, draft: VehicleDraft) -> Vehicle: ...
    async def edit_vehicle(self, vehicle_id: str, draft: VehicleDraft) -> Vehicle: ...

    async def delete_vehicle(self, vehicle_id: str) -> Deletion:
        """Delete a car with its parts lists and setups; its sessions stay."""
        ...

    async def restore_vehicle(self, vehicle_id: str) -> Vehicle: ...

    async def configurations(self, vehicle_id: str) -> list[Configuration]:
        """Return the parts lists of a car, oldest first."""
        ...

    async def create_configuration(
        self, vehicle_id: str, draft: ConfigurationDraft
    ) -> Configuration: ...
    async def edit_configuration(
        self, configuration_id: str, draft: ConfigurationDraft
    ) -> Configuration: ...
    async def delete_configuration(self, configuration_id: str) -> Deletion: ...
    async def restore_configuration(self, configuration_id: str) -> Configuration: ...

    async def setups(self, vehicle_id: str) -> list[Setup]:
        """Return the setups of a car, oldest first."""
        ...

    async def create_setup(self, vehicle_id: str, draft: SetupDraft) -> Setup: ...
    async def edit_setup(self, setup_id: str, draft: SetupDraft) -> Setup: ...
    async def delete_setup(self, setup_id: str) -> Deletion: ...
    async def restore_setup(self, setup_id: str) -> Setup: ...

    async def assign(
        self,
        session_id: str,
        vehicle_id: str | None,
        *,
        configuration_id: str | None = None,
        setup_id: str | None = None,
    ) -> Session:
        """Note what a session was driven with; ``None`` takes it off again.

        Raises UsageError where parts list or setup are of another car.
        """
        ...


class Workbench(Protocol):
    """Saved plot layouts and channels made of formulas."""

    async def layouts(self, *, deleted: bool = False) -> list[PlotLayout]:
        """Return the layouts by name."""
        ...

    async def default_layout(self) -> PlotLayout | None: ...
    async def create_layout(self, draft: PlotLayoutDraft) -> PlotLayout: ...
    async def edit_layout(
        self, layout_id: str, draft: PlotLayoutDraft
    ) -> PlotLayout: ...

    async def make_default(self, layout_id: str | None) -> None:
        """Make a layout the default in place of the one before, or have none."""
        ...

    async def delete_layout(self, layout_id: str) -> Deletion: ...
    async def restore_layout(self, layout_id: str) -> PlotLayout: ...

    async def math_channels(self, *, deleted: bool = False) -> list[MathChannel]:
        """Return the channels, oldest first."""
        ...

    async def create_math_channel(self, draft: MathChannelDraft) -> MathChannel:
        """Raises UsageError where the name is taken."""
        ...

    async def edit_math_channel(
        self, channel_id: str, draft: MathChannelDraft
    ) -> MathChannel: ...
    async def delete_math_channel(self, channel_id: str) -> Deletion: ...
    async def restore_math_channel(self, channel_id: str) -> MathChannel: ...
