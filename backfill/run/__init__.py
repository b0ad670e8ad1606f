"""The steps that commands share: from options to an input, a survey, a sending, and the end."""
