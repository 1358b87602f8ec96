"""One module for each part of the harbour. Importing a module signs on its dockhands and lookouts."""
