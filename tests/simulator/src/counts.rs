//! What runs have done, for the report.

/// What a run has done.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Events.
    pub steps: u64,
    /// Messages and notes written by clients.
    pub written: u64,
    /// Messages and notes acknowledged and still there at the end.
    pub acknowledged: u64,
    /// Taken away by older stores.
    pub rolled_back: u64,
    /// Conversations with at least one message.
    pub conversations: u64,
    /// Frames that left objects.
    pub frames: u64,
    /// Assignments decided.
    pub assignments: u64,
    /// Of these, by routing.
    pub rings: u64,
    /// Stores put back.
    pub restores: u64,
    /// Whatever a bot, a shop or a model has thought of.
    pub decided: u64,
    /// Buttons about which a bot was asked.
    pub pressed: u64,
    /// Messages of bots.
    pub said: u64,
    /// Of these, by a model, and cut off.
    pub cut_off: u64,
    /// Conversations handed over.
    pub handed_over: u64,
    /// Actions that were asked for.
    pub actions: u64,
    /// Virtual milliseconds from the end of the faults until everything had met.
    pub settled_in: i64,
}

impl Counts {
    /// And what another run has done.
    pub fn add(&mut self, one: &Counts) {
        self.steps += one.steps;
        self.written += one.written;
        self.acknowledged += one.acknowledged;
        self.rolled_back += one.rolled_back;
        self.conversations += one.conversations;
        self.frames += one.frames;
        self.assignments += one.assignments;
        self.rings += one.rings;
        self.restores += one.restores;
        self.pressed += one.pressed;
        self.said += one.said;
        self.cut_off += one.cut_off;
        self.handed_over += one.handed_over;
        self.actions += one.actions;
        self.settled_in = self.settled_in.max(one.settled_in);
    }
}
