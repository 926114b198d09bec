"""The themes: purple on near-black, purple on paper, and the terminal's own colours.

The colours of channels and states are in :mod:`ps_tui.tui.widgets.palette`: they are
the same in every theme, so that a trace is known by its colour wherever it is drawn.
"""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="purple-sector",
    primary="#8b5cf6",
    secondary="#6d4fd0",
    accent="#a78bfa",
    success="#10b981",
    warning="#f59e0b",
    error="#f26d6d",
    foreground="#e6e1f2",
    background="#110e19",
    surface="#17131f",
    panel="#1f1a2b",
    dark=True,
    variables={
        "muted": "#958ca8",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#5b3bb5",
        "block-cursor-blurred-background": "#33275a",
        "block-cursor-text-style": "none",
        "border": "#6d4fd0",
        "border-blurred": "#352c4a",
        "scrollbar": "#3a3053",
        "scrollbar-hover": "#5b3bb5",
        "scrollbar-active": "#8b5cf6",
        "scrollbar-background": "#17131f",
        "scrollbar-background-hover": "#17131f",
        "scrollbar-background-active": "#17131f",
    },
)

LIGHT = Theme(
    name="purple-sector-light",
    primary="#7c3aed",
    secondary="#6d28d9",
    accent="#6d28d9",
    success="#047857",
    warning="#b45309",
    error="#b91c1c",
    foreground="#221a36",
    background="#fbfaff",
    surface="#f5f2fd",
    panel="#ebe5fa",
    dark=False,
    variables={
        "muted": "#6a607f",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#6d28d9",
        "block-cursor-blurred-foreground": "#221a36",
        "block-cursor-blurred-background": "#d9cdf7",
        "block-cursor-text-style": "none",
        "border": "#7c3aed",
        "border-blurred": "#cfc3ee",
        "scrollbar": "#cfc3ee",
        "scrollbar-hover": "#a78bfa",
        "scrollbar-active": "#7c3aed",
        "scrollbar-background": "#f5f2fd",
        "scrollbar-background-hover": "#f5f2fd",
        "scrollbar-background-active": "#f5f2fd",
    },
)

ANSI = Theme(
    name="purple-sector-ansi",
    ansi=True,
    primary="ansi_magenta",
    secondary="ansi_magenta",
    accent="ansi_magenta",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "muted": "ansi_bright_black",
        "block-cursor-foreground": "ansi_bright_white",
        "block-cursor-background": "ansi_magenta",
        "block-cursor-blurred-foreground": "ansi_magenta",
        "block-cursor-blurred-background": "ansi_default",
        "border": "ansi_magenta",
        "border-blurred": "ansi_bright_black",
        "input-cursor-text-style": "reverse",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_magenta",
        "scrollbar-active": "ansi_magenta",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
    },
)

CONTRAST = Theme(
    name="purple-sector-contrast",
    primary="#b8a0ff",
    secondary="#b8a0ff",
    accent="#d0c0ff",
    success="#56b4e9",
    warning="#f0e442",
    error="#ff9a3c",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#14121a",
    dark=True,
    variables={
        **DARK.variables,
        "muted": "#c8c2d6",
        "block-cursor-background": "#5b3bb5",
        "border": "#d0c0ff",
        "border-blurred": "#8a80a0",
        "scrollbar": "#8a80a0",
        "scrollbar-background": "#000000",
        "scrollbar-background-hover": "#000000",
        "scrollbar-background-active": "#000000",
    },
)
"""White on black; states in the blue, yellow and orange of Okabe and Ito (2008),
which people of every colour vision tell apart."""

THEMES = (DARK, LIGHT, CONTRAST, ANSI)
