//! Which `(sender, client_id)` pairs a log holds already (INV-2).
//!
//! Nothing but a 64-bit digest of each pair is kept: about 26 bytes a message in memory, and no index on disk, which
//! would cost a written row per message. A digest that is found is looked up in the log, so two pairs that share one
//! cost a read and nothing else. Every [`DIGEST_ENTRIES`] messages the digests of that block are written as one row:
//! waking reads those and the newest entries, not the whole log (100,000 messages: 2.6 MB, some 900 rows read).

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::entry::Author;
use crate::core::limits::digest_entries;

/// Characters of one digest on disk.
const HEX_CHARS: usize = 16;

/// The pairs of one log.
#[derive(Debug, Default)]
pub struct Taken(BTreeSet<(u64, u64)>);

impl Taken {
    /// Remembers the pair of an entry; one without a `client_id` (an activity) has none.
    pub fn note(&mut self, author_kind: &str, author_id: &str, client_id: &str, seq: u64) {
        if !client_id.is_empty() {
            self.0.insert((digest(author_kind, author_id, client_id), seq));
        }
    }

    /// Numbers of the entries that may hold this pair: none or one, but for a coincidence.
    pub fn candidates(&self, author: &Author, client_id: &str) -> impl Iterator<Item = u64> {
        let digest = digest(author.kind(), author.id(), client_id);
        self.0.range((digest, 0)..=(digest, u64::MAX)).map(|(_, seq)| *seq)
    }

    /// The block that entry `seq` completes, as text for the disk.
    pub fn block(&self, seq: u64) -> Option<String> {
        if seq == 0 || !seq.is_multiple_of(digest_entries()) {
            return None;
        }
        let first = seq - digest_entries() + 1;
        let mut slots = vec![0; usize::try_from(digest_entries()).unwrap_or_default()];
        for (digest, place) in self.0.iter().filter(|(_, place)| (first..=seq).contains(place)) {
            if let Some(slot) = usize::try_from(place - first).ok().and_then(|place| slots.get_mut(place)) {
                *slot = *digest;
            }
        }
        Some(slots.iter().map(|digest| format!("{digest:016x}")).collect())
    }

    /// Takes up a block as `block` wrote it.
    pub fn restore(&mut self, upto: u64, block: &str) {
        let mut rest = block;
        let mut seq = upto.saturating_sub(digest_entries());
        while let Some((hex, tail)) = rest.split_at_checked(HEX_CHARS) {
            rest = tail;
            seq += 1;
            match u64::from_str_radix(hex, 16) {
                Ok(0) | Err(_) => {}
                Ok(digest) => drop(self.0.insert((digest, seq))),
            }
        }
    }

    /// How many pairs are known.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Never 0, which stands for none.
fn digest(author_kind: &str, author_id: &str, client_id: &str) -> u64 {
    let hash = Sha256::new()
        .chain_update(author_kind.as_bytes())
        .chain_update(b"\n")
        .chain_update(author_id.as_bytes())
        .chain_update(b"\n")
        .chain_update(client_id.as_bytes())
        .finalize();
    hash.iter().take(8).fold(0, |number: u64, byte| (number << 8) | u64::from(*byte)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::limits::DIGEST_ENTRIES;

    #[test]
    fn pairs_are_found_by_sender_and_name() {
        let mut taken = Taken::default();
        taken.note("visitor", "", "a", 1);
        taken.note("agent", "agt_x", "a", 2);
        taken.note("system", "", "", 3);
        let agent = Author::Agent(crate::core::internal::AgentRef::new(
            crate::core::id::AgentId::draw(&mut crate::core::id::Entropy::new(1)),
            String::new(),
        ));
        assert_eq!(taken.candidates(&Author::Visitor, "a").collect::<Vec<_>>(), [1]);
        assert_eq!(taken.candidates(&Author::Visitor, "b").count(), 0);
        assert_eq!(taken.candidates(&agent, "a").count(), 0, "another agent's");
        assert_eq!(taken.len(), 2);
    }

    #[test]
    fn a_block_comes_back_as_it_was() {
        let mut taken = Taken::default();
        for seq in 1..=DIGEST_ENTRIES * 2 + 5 {
            // Every third entry is an activity.
            let name = if seq % 3 == 0 { String::new() } else { format!("client-{seq}") };
            taken.note("visitor", "", &name, seq);
        }
        assert_eq!(taken.block(0), None);
        assert_eq!(taken.block(DIGEST_ENTRIES - 1), None);
        let mut again = Taken::default();
        for upto in [DIGEST_ENTRIES, DIGEST_ENTRIES * 2] {
            let block = taken.block(upto).unwrap();
            assert_eq!(block.len(), HEX_CHARS * DIGEST_ENTRIES as usize);
            again.restore(upto, &block);
        }
        for seq in DIGEST_ENTRIES * 2 + 1..=DIGEST_ENTRIES * 2 + 5 {
            let name = if seq % 3 == 0 { String::new() } else { format!("client-{seq}") };
            again.note("visitor", "", &name, seq);
        }
        assert_eq!(again.0, taken.0);
        again.restore(DIGEST_ENTRIES, "no hex at all, and é");
        assert_eq!(again.0, taken.0, "a damaged block adds nothing");
    }
}
