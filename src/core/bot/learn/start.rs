//! What intents of a few examples are given beside those that the library teaches.
//!
//! Of a hundred sentences many n-grams are known, so that an intent which has them takes what visitors write about one that has ten. Weights of
//! the examples change nothing about that: the sentences speak for it as soon as they are told apart at all. What its scores have to be lowered by,
//! cross-validation shows.

/// Where it is looked for: at each of so many steps, of this size.
const STEPS: u8 = 20;
const STEP: f32 = 0.1;
/// What brings so much of the most is enough: of many examples some are always judged otherwise by chance.
const NEARLY: f32 = 0.995;

/// By how much the scores of intents that have much are to be lowered, so that most is taken rightly of what was judged unseen; every intent counts
/// the same, however many examples it has. Of those that bring nearly as much the least.
///
/// `judged`: what was meant, and the scores of all intents. `has_much`: of each intent.
pub(super) fn start<'a>(judged: impl Iterator<Item = (usize, &'a [f32])> + Clone, has_much: &[bool]) -> f32 {
    let mut sizes = vec![0.0_f32; has_much.len()];
    for (class, _) in judged.clone() {
        if let Some(size) = sizes.get_mut(class) {
            *size += 1.0;
        }
    }
    let best = |scores: &[f32], much: bool| {
        let of = scores.iter().zip(has_much).enumerate().filter(|(_, (_, has_much))| **has_much == much);
        of.map(|(class, (score, _))| (class, *score)).max_by(|one, other| one.1.total_cmp(&other.1))
    };
    let led = judged.filter_map(|(class, scores)| {
        let (much, few) = (best(scores, true)?, best(scores, false)?);
        let (has_much, size) = (*has_much.get(class)?, sizes.get(class)?);
        let first = if has_much { much.0 } else { few.0 };
        (first == class).then_some((much.1 - few.1, has_much, 1.0 / size))
    });
    let led: Vec<(f32, bool, f32)> = led.collect();
    let right = |lowered: f32| -> f32 {
        let part =
            |(lead, has_much, part): &(f32, bool, f32)| if (*lead >= lowered) == *has_much { *part } else { 0.0 };
        led.iter().map(part).sum()
    };
    let steps = (0..=STEPS).map(|step| f32::from(step) * STEP);
    let most = steps.clone().map(right).fold(0.0, f32::max);
    steps.into_iter().find(|lowered| right(*lowered) >= NEARLY * most).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of two intents, the first of which has much, and which is meant.
    fn lowered(judged: &[(usize, [f32; 2])]) -> f32 {
        start(judged.iter().map(|(class, scores)| (*class, scores.as_slice())), &[true, false])
    }

    #[test]
    fn what_has_much_gives_a_start_as_long_as_it_pays() {
        let few = [(1, [0.5, 0.0]), (1, [0.25, 0.0])];
        assert_eq!(lowered(&few), 6.0 * STEP, "more than the larger lead");
        assert_eq!(
            lowered(&[few.as_slice(), &[(0, [0.3, 0.0])]].concat()),
            3.0 * STEP,
            "what is gained is worth no loss"
        );
        // An intent of three examples is worth no more than one of one.
        let three = [(0, [0.1, 0.0]), (0, [2.0, 0.0]), (0, [2.0, 0.0])];
        assert_eq!(lowered(&[few.as_slice(), &three].concat()), 6.0 * STEP);
        assert_eq!(lowered(&[(1, [0.0, 0.5]), (0, [0.5, 0.0])]), 0.0, "nothing to mend");
        assert_eq!(lowered(&[(1, [90.0, 0.0])]), 0.0, "beyond any start");
    }

    #[test]
    fn where_all_are_alike_nobody_is_given_one() {
        let judged: [(usize, [f32; 2]); 1] = [(1, [0.5, 0.0])];
        for has_much in [[true, true], [false, false]] {
            assert_eq!(start(judged.iter().map(|(class, scores)| (*class, scores.as_slice())), &has_much), 0.0);
        }
        assert_eq!(start(std::iter::empty(), &[]), 0.0);
        // What means something else has no part in it.
        assert_eq!(lowered(&[(7, [0.5, 0.0])]), 0.0);
    }
}
