"""What a person reads out of each preset's sample, written by hand: one module a group of presets."""

from preset_readings import attribution, bookings, courses, crm, forms, payments, shops
from preset_readings.reading import Event, Reading

__all__ = ["READINGS", "Event", "Reading"]

READINGS = {
    **shops.READINGS,
    **payments.READINGS,
    **courses.READINGS,
    **crm.READINGS,
    **forms.READINGS,
    **bookings.READINGS,
    **attribution.READINGS,
}
