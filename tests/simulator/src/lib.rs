//! Rooms, a Desk, the history and their clients in virtual time, with faults at every seam.
