"""The blocks of a MoTeC .ld file, little-endian, texts padded with zeros.

MoTeC publishes no description. This is the layout that the games write and that the
free parsers agree on (gotzl/ldparser, GeekyDeaks/sim-to-motec), checked byte by byte
against a log of Assetto Corsa Competizione. The block addresses are that game's: the
event and the venue point on with 16 bits, so that they have to lie low in the file.
"""

from __future__ import annotations

import struct

HEAD = struct.Struct(
    "<"
    "I4x"  # 0x000 mark
    "II"  # 0x008 address of the first channel, of the first sample
    "20x"
    "I"  # 0x024 address of the event
    "24x"
    "HHH"  # 0x040 constants
    "I"  # 0x046 serial number of the logger
    "8s"  # 0x04a its type
    "H"  # 0x052 its version
    "H"  # 0x054 constant
    "I"  # 0x056 number of channels
    "4x"
    "16s16x"  # 0x05e day, DD/MM/YYYY
    "16s16x"  # 0x07e time, HH:MM:SS
    "64s"  # 0x09e driver
    "64s"  # 0x0de vehicle
    "64x"
    "64s"  # 0x15e venue
    "1088x"
    "I"  # 0x5de constant that lets every edition of i2 open the log
    "66x"
    "64s"  # 0x624 short comment
    "126x"
)
EVENT = struct.Struct("<64s64s1024sH")  # name, session, comment, address of the venue
VENUE = struct.Struct("<64s1034xH")  # name, address of the vehicle
VEHICLE = struct.Struct("<64s128xI32s32s")  # name, weight, type, comment
CHANNEL = struct.Struct(
    "<"
    "II"  # 0x00 address of the channel before, of the next; 0 is none
    "II"  # 0x08 address and number of samples
    "H"  # 0x10 number of the channel
    "HH"  # 0x12 kind and width of a sample
    "H"  # 0x16 rate, Hz
    "hhhh"  # 0x18 shift, multiplier, scale, decimals
    "32s"  # 0x20 name
    "8s"  # 0x40 short name
    "12s"  # 0x48 unit
    "40x"
)

MARK = 0x40
CONSTANTS = (1, 0x4240, 0xF)
SERIAL = 0x1F44
DEVICE = b"ADL"
DEVICE_VERSION = 420
CONSTANT_AFTER_DEVICE = 0xADB0
OPENS_EVERYWHERE = 0xC81A4

VEHICLE_AT = 0x6E2
VENUE_AT = 0x13D6
EVENT_AT = 0x1FF4
CHANNELS_AT = 0x2C48

FIRST_CHANNEL_NUMBER = 0x2EE1
FLOAT_KIND = 7
WHOLE_KINDS = (0, 3, 5)
WIDTH = 4
LARGEST_ADDRESS = 0xFFFF_FFFF
