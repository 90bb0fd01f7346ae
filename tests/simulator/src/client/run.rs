//! The part of a gapless log that a client holds: as `frontend/shared/run.ts`.

/// An entry as a client holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number.
    pub seq: u64,
    /// `msg_…`
    pub id: String,
    /// Its text, or the kind of an activity.
    pub text: String,
    /// Sender: `visitor`, an agent's id, or empty for the system.
    pub sender: String,
}

/// One contiguous run that ends at the newest entry.
#[derive(Debug, Default)]
pub struct Run {
    /// Oldest first.
    pub entries: Vec<Item>,
    bottom: bool,
}

impl Run {
    /// The last number held, 0 when none is.
    pub fn last(&self) -> u64 {
        self.entries.last().map_or(0, |item| item.seq)
    }

    /// The id of the last entry.
    pub fn tip(&self) -> String {
        self.entries.last().map(|item| item.id.clone()).unwrap_or_default()
    }

    /// The first number held.
    pub fn first(&self) -> u64 {
        self.entries.first().map_or(0, |item| item.seq)
    }

    /// Whether the server has entries before the first.
    pub fn older(&self) -> bool {
        self.first() > 1 && !self.bottom
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Run::default();
    }

    /// CL3, CL4, CL5: the next entry is taken, one that is held is dropped, one further on begins the run anew.
    /// Returns whether it was new.
    pub fn append(&mut self, item: Item) -> bool {
        let last = self.last();
        if let Some(held) = item.seq.checked_sub(self.first()).and_then(|place| self.entries.get(place as usize)) {
            assert_eq!(
                (&held.id, &held.text),
                (&item.id, &item.text),
                "C5, INV-4: another entry under the same number"
            );
        }
        if last > 0 && item.seq <= last {
            return false;
        }
        if last > 0 && item.seq > last + 1 {
            self.clear();
        }
        self.entries.push(item);
        true
    }

    /// CL7: takes a page of older entries that ends just before the first one.
    pub fn prepend(&mut self, page: Vec<Item>, more: bool) {
        let first = self.first();
        let mut fits = Vec::new();
        let mut next = first;
        for item in page.into_iter().rev() {
            if item.seq + 1 == next {
                next = item.seq;
                fits.push(item);
            }
        }
        fits.reverse();
        self.entries.splice(0..0, fits);
        self.bottom = !more || self.first() == first;
    }
}
