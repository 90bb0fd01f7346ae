//! Questions that ask the same in other words, put together, so that what is asked most stands first.
//!
//! Folded as the classifier folds them, without what only makes them questions, cut into runs of three characters (of Chinese: single ones
//! and pairs), each counting the more the fewer questions have it. A question joins the group whose first one it shares most with. What comes out hangs on the questions
//! alone, not on a clock or their order; work is bounded by how many there are and how much of each is looked at.
use super::features::{fold, is_ideograph};

/// Characters of a question that are compared.
const COMPARED_CHARS: usize = 80;
/// Two questions are alike from this share of all they have in common on, …
const JACCARD: u32 = 42;
/// … or if the shorter one is in the longer one by this share, …
const CONTAINED: u32 = 80;
/// … has at least so many runs, …
const CONTAINED_RUNS: usize = 4;
/// … and the longer one is no more than so many times as long.
const CONTAINED_TIMES: usize = 3;

/// Words, …
const EMPTY_WORDS: &str = " a an and any are at can could do does for hello hey hi how i im in is it me my of on or please thanks the there to want what with would you your ";
/// … and characters that say nothing of what is asked about.
const EMPTY_CHARACTERS: &str = "怎么样如何吗呢啊呀吧么请问我你您的了可以能想要是";

/// Groups of questions, by their places in what was given: the largest group first, of equal ones that of the earlier question; in a group
/// the most frequent wording first. Only questions with the same tag come together; those that say nothing are left out.
pub fn cluster(questions: &[(&str, &str)]) -> Vec<Vec<usize>> {
    let wordings = wordings(questions);
    let runs = Runs::of(wordings.iter().map(|wording| wording.text.as_slice()));
    let mut groups: Vec<Group> = Vec::new();
    // Which groups' first questions have a run.
    let mut having: Vec<Vec<usize>> = vec![Vec::new(); runs.weights.len()];
    for (wording, own) in wordings.iter().zip(&runs.of) {
        let mut shared = vec![0_u32; groups.len()];
        for run in own {
            let weight = runs.weight(*run);
            for group in having.get(*run).into_iter().flatten() {
                if let Some(shared) = shared.get_mut(*group) {
                    *shared += weight;
                }
            }
        }
        let weight = runs.weigh(own);
        // Of equal ones the first, which is the more frequent one.
        let mut best: Option<(u32, usize)> = None;
        for (place, (group, shared)) in groups.iter().zip(shared).enumerate() {
            let is_alike = is_alike((weight, own.len()), (group.weight, group.runs), shared);
            let in_common = share(shared, weight + group.weight - shared);
            if is_alike && group.tag == wording.tag && best.is_none_or(|(most, _)| in_common > most) {
                best = Some((in_common, place));
            }
        }
        match best.and_then(|(_, place)| groups.get_mut(place)) {
            Some(group) => group.members.extend(&wording.places),
            None => {
                for run in own {
                    if let Some(having) = having.get_mut(*run) {
                        having.push(groups.len());
                    }
                }
                let members = wording.places.clone();
                groups.push(Group { tag: wording.tag, weight, runs: own.len(), members });
            }
        }
    }
    let mut found: Vec<Vec<usize>> = groups.into_iter().map(|group| group.members).collect();
    found.sort_by_key(|members| (std::cmp::Reverse(members.len()), members.iter().min().copied()));
    found
}

/// The same question, as often as it was asked.
struct Wording<'a> {
    tag: &'a str,
    text: Vec<char>,
    places: Vec<usize>,
}

struct Group<'a> {
    tag: &'a str,
    weight: u32,
    runs: usize,
    members: Vec<usize>,
}

/// Most frequent first.
fn wordings<'a>(questions: &[(&'a str, &'a str)]) -> Vec<Wording<'a>> {
    let folded =
        |(place, (text, tag)): (usize, &(&'a str, &'a str))| Wording { tag, text: telling(text), places: vec![place] };
    let mut all: Vec<Wording> = questions.iter().enumerate().map(folded).filter(|it| !it.text.is_empty()).collect();
    all.sort_by(|a, b| (a.tag, &a.text, &a.places).cmp(&(b.tag, &b.text, &b.places)));
    all.dedup_by(|later, first| {
        let is_same = (later.tag, &later.text) == (first.tag, &first.text);
        if is_same {
            first.places.append(&mut later.places);
        }
        is_same
    });
    all.sort_by(|a, b| (b.places.len(), a.text.len(), &a.text).cmp(&(a.places.len(), b.text.len(), &b.text)));
    all
}

/// What tells a question from others, folded: without empty words, or if it has no others with them.
fn telling(text: &str) -> Vec<char> {
    let mut whole = fold(text);
    whole.truncate(COMPARED_CHARS);
    bare(&whole)
}

/// The same of a folded text.
pub(super) fn bare(whole: &[char]) -> Vec<char> {
    let telling: Vec<char> = whole.iter().copied().filter(|letter| !EMPTY_CHARACTERS.contains(*letter)).collect();
    let is_telling = |word: &[char]| !EMPTY_WORDS.split(' ').any(|empty| empty.chars().eq(word.iter().copied()));
    let told = words(&telling, is_telling);
    if told.is_empty() { words(whole, |_| true) } else { told }
}

/// The words of a text that are wanted, one blank between them.
fn words(text: &[char], is_wanted: fn(&[char]) -> bool) -> Vec<char> {
    let mut found = Vec::new();
    for word in text.split(|letter| *letter == ' ').filter(|word| !word.is_empty() && is_wanted(word)) {
        if !found.is_empty() {
            found.push(' ');
        }
        found.extend_from_slice(word);
    }
    found
}

/// What the questions consist of.
struct Runs {
    /// Of each question, ascending, each once.
    of: Vec<Vec<usize>>,
    /// How much each run counts.
    weights: Vec<u32>,
}

impl Runs {
    fn of<'a>(texts: impl Iterator<Item = &'a [char]>) -> Self {
        let each: Vec<Vec<u64>> = texts.map(runs).collect();
        let mut all: Vec<u64> = each.concat();
        all.sort_unstable();
        let groups = all.chunk_by(|a, b| a == b);
        let frequent = |group: &[u64]| 1 + (each.len() / group.len()).checked_ilog2().unwrap_or(0);
        let weights = groups.map(frequent).collect();
        all.dedup();
        let place = |run: &u64| all.binary_search(run).ok();
        Runs { of: each.iter().map(|runs| runs.iter().filter_map(place).collect()).collect(), weights }
    }

    fn weight(&self, run: usize) -> u32 {
        self.weights.get(run).copied().unwrap_or(0)
    }

    fn weigh(&self, runs: &[usize]) -> u32 {
        runs.iter().map(|run| self.weight(*run)).sum()
    }
}

/// Ascending, each once. Three code points fit 63 bits.
fn runs(text: &[char]) -> Vec<u64> {
    let packed = |run: &[char]| run.iter().fold(0, |packed: u64, letter| packed << 21 | u64::from(u32::from(*letter)));
    let mut found = Vec::new();
    for piece in text.chunk_by(|a, b| is_ideograph(*a) == is_ideograph(*b)) {
        if piece.first().is_some_and(|letter| is_ideograph(*letter)) {
            found.extend(piece.windows(1).chain(piece.windows(2)).map(packed));
        } else {
            // With its ends marked, so that short words count.
            let marked = [&[' '], piece, &[' ']].concat();
            found.extend(marked.windows(3).map(packed));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn is_alike(one: (u32, usize), other: (u32, usize), shared: u32) -> bool {
    let (less, more) = (one.1.min(other.1), one.1.max(other.1));
    let is_part = less >= CONTAINED_RUNS && more <= less * CONTAINED_TIMES;
    share(shared, one.0 + other.0 - shared) >= JACCARD || is_part && share(shared, one.0.min(other.0)) >= CONTAINED
}

/// In percent.
fn share(part: u32, whole: u32) -> u32 {
    (part * 100).checked_div(whole).unwrap_or(0)
}

#[cfg(test)]
mod tests;
