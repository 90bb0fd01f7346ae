//! Calls under random faults.

use super::*;

/// Calls that are lost, late, doubled, refused or asked by a process that has died: each message has one answer at most and one name,
/// and in the end nobody waits for the bot.
#[test]
fn inv_2_6_random_calls() {
    let (mut n_asked, mut n_answered, mut n_failed) = (0, 0, 0);
    for seed in 0..60_u64 {
        let mut random = Entropy::new(u128::from(seed) << 40 | 0xac7);
        let mut below = |most: u64| random.next_u64() % most;
        let (mut world, mut visitor) = begun();
        world.calls();
        let mut known: Vec<ActionCall> = Vec::new();
        for step in 0..60 {
            match below(14) {
                0 | 1 => world.send(visitor, &format!("t{step}"), "track #A-1234"),
                2 => world.send(visitor, &format!("h{step}"), "hours"),
                3 => {
                    world.crash();
                    visitor = world.visitor();
                }
                4 => {
                    world.hibernate();
                    world.wake();
                }
                5 => world.network.retain(|call| !matches!(call, Call::Act(_))),
                6 if step > 40 && below(4) == 0 => drop(world.assign(assign(1, Some("Mei"))).ok()),
                7 => {
                    // What is decided dies with the process.
                    if let Some(call) = world.network.pop_front() {
                        let answer = world.answer(call);
                        drop(world.decide(answer));
                        world.crash();
                        visitor = world.visitor();
                    }
                }
                8 => {
                    // Whatever was asked at any time may be answered now.
                    if let Some(call) = known.get(below(8) as usize).cloned() {
                        let reply = [said_so("late"), Reply::Again, Reply::Failed][below(3) as usize].clone();
                        replied(&mut world, &call, reply);
                    }
                }
                9 | 10 => {
                    world.now = world.now.plus((below(6_000)) as i64);
                    world.feed(Input::Tick).unwrap();
                }
                _ => match world.network.pop_front() {
                    Some(Call::Act(call)) => {
                        let replies =
                            [said_so("on its way"), said_so("on its way"), Reply::Again, Reply::Again, Reply::Failed];
                        known.push((*call).clone());
                        for _ in 0..1 + below(2) {
                            replied(&mut world, &call, replies[below(5) as usize].clone());
                        }
                    }
                    Some(call) => {
                        let answer = world.answer(call);
                        world.feed(answer).unwrap();
                    }
                    None => {}
                },
            }
        }
        world.pass(3 * MINUTE);
        let mut answered: Vec<String> =
            bots(&world).iter().map(|it| it.split(':').next().unwrap().to_owned()).collect();
        let n_answers = answered.len();
        answered.sort();
        answered.dedup();
        assert_eq!(answered.len(), n_answers, "INV-2, seed {seed}: {:?}", bots(&world));
        known.append(&mut world.shop_asked);
        for call in &known {
            let same = known.iter().filter(|other| other.action.to == call.action.to);
            assert!(same.clone().all(|other| (&other.key, other.body()) == (&call.key, call.body())), "seed {seed}");
        }
        let said = said(&world);
        let last = said.iter().rposition(|it| it.starts_with("visitor"));
        if status(&world) == Status::Pending {
            assert!(last.is_none_or(|last| last + 1 < said.len()), "INV-6, seed {seed}: {said:?}");
        }
        n_asked += known.len();
        n_answered += said
            .iter()
            .filter(|it| it.contains("on its way") || it.contains("late") || it.contains("the shop"))
            .count();
        n_failed += usize::from(handed_over(&world).contains(&"action_failed".to_owned()));
    }
    assert!(n_asked > 60 && n_answered > 30 && n_failed > 6, "{n_asked} {n_answered} {n_failed}");
}
