"""The doctor tells apart what keeps data away."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import msgspec
import pytest

from ps_tui.collector.clock import SystemClock
from ps_tui.collector.collector import Collector, Outputs
from ps_tui.collector.doctor import CollectorDoctor
from ps_tui.collector.forward import parse_target
from ps_tui.collector.nowhere import no_backing
from ps_tui.collector.pcap import PcapReader
from ps_tui.collector.this_computer import firewall_hint, local_addresses
from ps_tui.decoders.registry import SOURCES, SourceSpec
from ps_tui.domain.clock import Clock
from ps_tui.domain.diagnosis import Diagnosis, Finding, SourceReport
from ps_tui.domain.recording import FeedState
from tests.collector.conftest import QUICK
from tests.support import acc
from tests.support.assetto_corsa import AssettoCorsaServer, silent_port
from tests.support.captures import capture
from tests.support.command import free_udp_port, ps_tui
from tests.support.packets import car_info
from tests.support.recording_fakes import HandClock, until
from tests.support.telemetry import native_frame

HERE = "127.0.0.1"


class Patient:
    """A collector without a database and its doctor."""

    def __init__(
        self, source: str = "auto", clock: Clock | None = None, **options: object
    ) -> None:
        clock = clock or SystemClock()
        row: object = SOURCES if source == "auto" else SOURCES[source]
        outputs = Outputs(is_recorded=False)
        options = {"port": 0, "intervals": QUICK, "outputs": outputs} | options
        self.collector = Collector(
            row,  # type: ignore[arg-type]
            no_backing(clock),
            **options,  # type: ignore[arg-type]
        )
        self.doctor = CollectorDoctor(self.collector, clock)

    async def __aenter__(self) -> Patient:
        await self.collector.start(keep_trying=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.collector.stop()

    def send(self, datagrams: Sequence[bytes], host: str = HERE) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((host, 0))
            for datagram in datagrams:
                sock.sendto(datagram, (HERE, self.collector.port))

    async def examined(self, packets: int) -> Diagnosis:
        await until(lambda: self.collector.counters.packets >= packets)
        return await self.doctor.examine()


def of(diagnosis: Diagnosis, source: str) -> SourceReport:
    (report,) = (each for each in diagnosis.sources if each.source == source)
    return report


async def test_nothing_arrives() -> None:
    async with Patient() as patient:
        diagnosis = await patient.doctor.examine()
        assert diagnosis.finding is Finding.NOTHING
        assert diagnosis.remedy
        assert diagnosis.senders == diagnosis.refused == ()
        (port,) = diagnosis.ports
        assert (port.port, port.is_bound) == (patient.collector.port, True)
        assert {each.source for each in diagnosis.sources} == set(SOURCES)
        for each in diagnosis.sources:
            assert each.setting == SOURCES[each.source].settings_hint


async def test_a_game_that_is_read() -> None:
    async with Patient() as patient:
        patient.send([native_frame(n) for n in range(20)])
        diagnosis = await patient.examined(20)
        assert diagnosis.finding is Finding.OK
        assert of(diagnosis, "native").finding is Finding.OK
        (sender,) = diagnosis.senders
        assert (sender.host, sender.source, sender.packets) == (HERE, "native", 20)
        assert sender.age_s < 60
        assert sender.rate_hz > 0


async def test_the_wrong_game() -> None:
    async with Patient("f1") as patient:
        patient.send([car_info(lap_time_ms=n) for n in range(30)])
        diagnosis = await patient.examined(30)
        assert diagnosis.finding is Finding.WRONG_GAME
        assert "Assetto Corsa" in diagnosis.words
        assert "--source assetto-corsa" in diagnosis.remedy
        (refused,) = diagnosis.refused
        assert (refused.size, refused.count) == (328, 30)
        assert refused.looks_like == "looks like Assetto Corsa"
        (sender,) = diagnosis.senders
        assert (sender.packets, sender.source) == (30, "")


async def test_an_unsupported_version() -> None:
    path = capture("f1/one_of_each_2022.pcap.gz")
    old = [datagram.payload for datagram in PcapReader(path)]
    async with Patient() as patient:
        patient.send(old)
        diagnosis = await patient.examined(len(old))
        assert diagnosis.finding is Finding.UNSUPPORTED
        assert "looks like F1 22, format 2022, but cannot be read" in diagnosis.words
        assert diagnosis.remedy.startswith("Set UDP Format to 2023 or newer")


async def test_outsim_of_other_options_names_the_setting() -> None:
    path = capture("lfs_beamng/lfs_outsim_opts050_28_2.pcap.gz")
    odd = [datagram.payload for datagram in PcapReader(path)]
    async with Patient() as patient:
        patient.send(odd)
        diagnosis = await patient.examined(len(odd))
        assert diagnosis.finding is Finding.UNSUPPORTED
        assert diagnosis.remedy.startswith("Set OutSim Opts 1ff in the game's cfg.txt")


async def test_encrypted_packets_that_do_not_open() -> None:
    async with Patient() as patient:
        patient.send([os.urandom(296) for _ in range(5)])
        diagnosis = await patient.examined(5)
        assert diagnosis.finding is Finding.UNSUPPORTED
        assert "Gran Turismo 7" in diagnosis.words


async def test_an_unexpected_sender() -> None:
    async with Patient() as patient:
        patient.send([b"hello"] * 5)
        diagnosis = await patient.examined(5)
        assert diagnosis.finding is Finding.UNEXPECTED_SENDER
        assert HERE in diagnosis.words
        assert "68 65 6c 6c 6f" in diagnosis.words


async def test_a_second_sender_of_the_game_that_is_read() -> None:
    async with Patient("native") as patient:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as game:
            for number in range(10):
                game.sendto(native_frame(number), (HERE, patient.collector.port))
            patient.send([native_frame(900)], "127.0.0.2")
            game.sendto(native_frame(10), (HERE, patient.collector.port))
            diagnosis = await patient.examined(12)
            read = f"{HERE}:{game.getsockname()[1]}"
        assert diagnosis.finding is Finding.UNEXPECTED_SENDER
        assert f"native from {read} is read" in diagnosis.words
        assert "127.0.0.2:" in diagnosis.words


async def test_a_game_in_its_menu() -> None:
    async with AssettoCorsaServer() as game:
        patient = Patient("assetto-corsa", host=HERE, port=game.port)
        async with patient:
            await until(game.subscribed.is_set)
            await until(game.laps_subscribed.is_set)
            diagnosis = await patient.examined(2)
            assert diagnosis.finding is Finding.MENU
            assert [talk.topic for talk in diagnosis.talks] == [
                "telemetry",
                "lap times",
            ]
            for talk in diagnosis.talks:
                assert talk.sent >= 2
                assert talk.answered >= 1
                assert talk.telemetry_age_s is None


async def test_a_paused_game() -> None:
    async with Patient() as patient:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as game:
            game.connect((HERE, patient.collector.port))
            for number in range(3):
                game.send(native_frame(number))
            state = patient.collector.live.status

            def repeat() -> FeedState:
                game.send(native_frame(2))
                return state().state

            await until(lambda: repeat() is FeedState.PAUSED)
            assert (await patient.doctor.examine()).finding is Finding.PAUSED


async def test_a_game_that_does_not_answer() -> None:
    async with (
        silent_port() as (host, port),
        Patient("assetto-corsa", host=host, port=port) as patient,
    ):
        diagnosis = await patient.doctor.examine()
        assert diagnosis.finding is Finding.NO_ANSWER
        assert f"{host}:{port}" in diagnosis.words


async def test_a_game_that_stopped() -> None:
    clock = HandClock()
    async with Patient(clock=clock) as patient:
        patient.send([native_frame(n) for n in range(5)])
        assert (await patient.examined(5)).finding is Finding.OK
        clock.advance(30)
        diagnosis = await patient.doctor.examine()
        assert diagnosis.finding is Finding.SILENT
        assert "still running" in diagnosis.remedy
        assert diagnosis.senders[0].age_s == pytest.approx(30)


async def test_a_game_that_refuses() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as game:
        game.bind((HERE, 0))
        game.setblocking(False)
        port = game.getsockname()[1]
        async with Patient("acc", host=HERE, port=port) as patient:
            await until(lambda: patient.collector.lines.talks)
            _, asker = game.recvfrom(1024)
            game.sendto(acc.registration(error="wrong password", success=0), asker)
            diagnosis = await patient.examined(1)
    assert diagnosis.finding is Finding.REFUSED
    assert "wrong password" in diagnosis.words
    assert diagnosis.talks[0].complaint == "wrong password"


async def test_whom_packets_are_passed_on_to() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HERE, 0))
        target = parse_target(f"{HERE}:{other.getsockname()[1]}", tuple(SOURCES))
        outputs = Outputs((target,), is_recorded=False)
        async with Patient(outputs=outputs) as patient:
            patient.send([native_frame(n) for n in range(5)])
            (forward,) = (await patient.examined(5)).forwards
    assert (forward.target, forward.sent, forward.errors) == (str(target), 5, 0)


async def test_a_port_that_another_program_holds() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((HERE, 0))
        port = holder.getsockname()[1]
        row = msgspec.structs.replace(SOURCES["forza"], port=port)
        specs: dict[str, SourceSpec] = {
            "native": msgspec.structs.replace(SOURCES["native"], port=free_udp_port()),
            "forza": row,
        }
        patient = Patient()
        clock = SystemClock()
        patient.collector = Collector(
            specs,
            no_backing(clock),
            intervals=QUICK,
            outputs=Outputs(is_recorded=False),
        )
        patient.doctor = CollectorDoctor(patient.collector, clock)
        async with patient:
            diagnosis = await patient.doctor.examine()
            assert diagnosis.finding is Finding.PORT_HELD
            assert str(port) in diagnosis.words
            assert f"(pid {os.getpid()}) holds UDP {port}: " in diagnosis.words
            assert of(diagnosis, "forza").finding is Finding.PORT_HELD
            assert of(diagnosis, "native").finding is Finding.NOTHING


def test_addresses_and_firewalls() -> None:
    assert HERE in {each.address for each in local_addresses()}
    hints = {system: firewall_hint((5300,), system) for system in ("win32", "linux")}
    assert all("5300" in hint for hint in hints.values())
    assert "Firewall" in firewall_hint((5300,), "darwin")
    assert "No rule is needed" in firewall_hint((), "linux")


@pytest.mark.parametrize("is_json", [False, True])
def test_the_command(is_json: bool) -> None:
    arguments = ("doctor", "--port", str(free_udp_port()), "--seconds", "0.5")
    if is_json:
        done = ps_tui(*arguments, "--json")
        assert '"nothing arrives"' in done.stdout
    else:
        done = ps_tui(*arguments)
        assert done.stdout.startswith("NOTHING ARRIVES: ")
        assert "Data Out IP Port 5300" in done.stdout
    assert done.returncode == 1
