"""Figures: what KPI clauses ask for, as exact fractions of items that can be added and taken away."""

from onrecord_projections.judging.figures.case import figures_at, is_due, items_of, last_said
from onrecord_projections.judging.figures.clocks import Promise, items_of_clocks
from onrecord_projections.judging.figures.events import items_of_events
from onrecord_projections.judging.figures.item import Cell, Item, Sums, cells_of, summed
from onrecord_projections.judging.figures.moving import stories_of
from onrecord_projections.judging.figures.periods import days_of, end_of, parts_of, period_of, span_of
from onrecord_projections.judging.figures.plan import Asked, FigurePlan, plan_of
from onrecord_projections.judging.figures.ranking import Standing, bottom_findings, standings
from onrecord_projections.judging.figures.said import example_said
from onrecord_projections.judging.figures.tally import Figure, figure, figures
from onrecord_projections.judging.figures.words import in_words

__all__ = [
    "Asked",
    "Cell",
    "Figure",
    "FigurePlan",
    "Item",
    "Promise",
    "Standing",
    "Sums",
    "bottom_findings",
    "cells_of",
    "days_of",
    "end_of",
    "example_said",
    "figure",
    "figures",
    "figures_at",
    "in_words",
    "is_due",
    "items_of",
    "items_of_clocks",
    "items_of_events",
    "last_said",
    "parts_of",
    "period_of",
    "plan_of",
    "span_of",
    "standings",
    "stories_of",
    "summed",
]
