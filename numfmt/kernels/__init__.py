"""All jitted code: functions of arrays and named tuples of numbers, ignorant of formats."""
