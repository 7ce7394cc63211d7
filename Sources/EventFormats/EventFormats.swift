// EventFormats
