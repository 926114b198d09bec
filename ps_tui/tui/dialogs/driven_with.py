"""What was a session driven with: car, parts list and setup in one choice."""

from __future__ import annotations

from ps_tui.domain.garage_ports import Garage
from ps_tui.domain.models import Session
from ps_tui.tui.dialogs.pick import Option, PickDialog
from ps_tui.tui.garage_words import driven_with

NOTHING = "- - -"


class DrivenWithDialog(PickDialog):
    """Notes the choice at the session before it closes."""

    def __init__(
        self, garage: Garage, session: Session, options: list[Option], chosen: str
    ) -> None:
        super().__init__(f"{session.name} was driven with", options, chosen=(chosen,))
        self._garage = garage
        self._session = session

    def dismiss_with(self, keys: list[str]) -> None:
        vehicle_id, configuration_id, setup_id = (
            None if part == "-" else part for part in keys[0].split()
        )

        async def assign() -> list[str]:
            await self._garage.assign(
                self._session.id,
                vehicle_id,
                configuration_id=configuration_id,
                setup_id=setup_id,
            )
            return keys

        self.do(assign, "Saving …")


async def driven_with_dialog(garage: Garage, session: Session) -> DrivenWithDialog:
    """Return the chooser with everything that is in the garage."""
    options = [Option(NOTHING, "nothing of the garage")]
    for vehicle in await garage.vehicles():
        parts = await garage.configurations(vehicle.id)
        setups = await garage.setups(vehicle.id)
        options += [Option(*row) for row in driven_with(vehicle, parts, setups)]
    ids = (session.vehicle_id, session.configuration_id, session.setup_id)
    return DrivenWithDialog(garage, session, options, " ".join(i or "-" for i in ids))
