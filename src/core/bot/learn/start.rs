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
pub(super) fn start(judged: &[(usize, &[f32])], has_much: &[bool]) -> f32 {
    let mut sizes = vec![0.0_f32; has_much.len()];
    for (class, _) in judged {
        if let Some(size) = sizes.get_mut(*class) {
            *size += 1.0;
        }
    }
    // By how much the best of those that have much leads the best of the others, where one of the two is right.
    let mut led = Vec::new();
    for (class, scores) in judged {
        let mut best = [(usize::MAX, f32::MIN); 2];
        for (class, (score, much)) in scores.iter().zip(has_much).enumerate() {
            let best = if *much { &mut best[0] } else { &mut best[1] };
            if *score > best.1 {
                *best = (class, *score);
            }
        }
        let [much, few] = best;
        if much.0.max(few.0) < usize::MAX && (much.0 == *class || few.0 == *class) {
            led.push((much.1 - few.1, much.0 == *class, sizes.get(*class).copied().unwrap_or(1.0)));
        }
    }
    let right = |lowered: f32| {
        let mut sum = 0.0;
        for (lead, has_much, size) in &led {
            if (*lead >= lowered) == *has_much {
                sum += 1.0 / size;
            }
        }
        sum
    };
    let mut most = 0.0_f32;
    for step in 0..=STEPS {
        most = most.max(right(f32::from(step) * STEP));
    }
    let enough = |step: &u8| right(f32::from(*step) * STEP) >= NEARLY * most;
    (0..=STEPS).find(enough).map_or(0.0, |step| f32::from(step) * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of two intents, the first of which has much, and which is meant.
    fn lowered(judged: &[(usize, [f32; 2])]) -> f32 {
        start(&judged.iter().map(|(class, scores)| (*class, scores.as_slice())).collect::<Vec<_>>(), &[true, false])
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
            assert_eq!(
                start(&judged.iter().map(|(class, scores)| (*class, scores.as_slice())).collect::<Vec<_>>(), &has_much),
                0.0
            );
        }
        assert_eq!(start(&[], &[]), 0.0);
        // What means something else has no part in it.
        assert_eq!(lowered(&[(7, [0.5, 0.0])]), 0.0);
    }
}
