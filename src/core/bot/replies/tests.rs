use super::*;

/// `agent: text`, or what the visitor wrote; a line a second.
fn lines(at: i64, said: &[&str]) -> Vec<Line> {
    let line = |(n, said): (usize, &&str)| {
        let (agent, text) = said.split_once(": ").unwrap_or(("", said));
        let at = Timestamp(at + i64::try_from(n).unwrap());
        Line { agent: agent.to_owned(), name: agent.to_uppercase(), at, text: text.to_owned() }
    };
    said.iter().enumerate().map(line).collect()
}

/// Groups of questions, each in a conversation of its own with what was said after it; `mei` answers, and the later one is the newer.
fn told(groups: &[&[&[&str]]]) -> Vec<Vec<String>> {
    let mut n = 0;
    let mut conversation = |said: &&[&str]| {
        n += 1;
        (format!("cnv_{n}"), lines(i64::from(n) * 1_000, said))
    };
    let kept: Vec<Vec<(String, Vec<Line>)>> =
        groups.iter().map(|members| members.iter().map(&mut conversation).collect()).collect();
    let asked =
        kept.iter().map(|members| members.iter().map(|(conversation, lines)| Asked { conversation, lines }).collect());
    let groups: Vec<Vec<Asked>> = asked.collect();
    replies(&groups).into_iter().map(|found| found.into_iter().map(|reply| reply.text).collect()).collect()
}

fn one(said: &[&str]) -> Vec<String> {
    told(&[&[said]]).concat()
}

#[test]
fn the_first_lines_of_one_agent_are_the_reply() {
    assert_eq!(
        one(&["mei: We are open from nine.", "mei: Until five.", "thanks", "mei: And on Sundays, too."]),
        ["We are open from nine.\nUntil five."]
    );
    assert_eq!(one(&["hello?", "mei: We are open from nine.", "tom: No, from ten."]), ["We are open from nine."]);
    assert_eq!(one(&["hello?", "anybody?"]), [""; 0], "nobody answered");
    assert_eq!(one(&[]), [""; 0]);
    let whole = lines(5, &["hm", "mei: Behind the house."]);
    let asked = Asked { conversation: "cnv_1", lines: &whole };
    let expected = Reply { text: "Behind the house.".into(), name: "MEI", at: Timestamp(6), conversation: "cnv_1" };
    assert_eq!(replies(&[vec![asked]]), [[expected]]);
}

#[test]
fn what_says_nothing_is_passed_over() {
    assert_eq!(
        one(&["mei: Hello!", "mei: Behind the house, to the left.", "thanks", "mei: 不客气"]),
        ["Behind the house, to the left."]
    );
    for nothing in ["Hi there!", "您好！", "One moment", "请稍等", "Yes.", "🙂", "  "] {
        assert_eq!(one(&[&format!("mei: {nothing}")]), [""; 0], "{nothing}");
        let then = one(&[&format!("mei: {nothing}"), "ok", "mei: 停车场在房子后面。"]);
        assert_eq!(then, ["停车场在房子后面。"], "{nothing}");
    }
    // Short, and an answer.
    assert_eq!(one(&["mei: Nine to five."]), ["Nine to five."]);
    assert_eq!(one(&["mei: 九点到五点"]), ["九点到五点"]);
    assert_eq!(one(&["mei: You can talk to a person at our shop."]), ["You can talk to a person at our shop."]);
}

#[test]
fn what_is_said_to_everybody_is_no_reply_to_anything() {
    let stock = "mei: Welcome to the shop, let me look that up for you!";
    let other = "tom: welcome to THE SHOP, let me look that up for you";
    let three: [&[&[&str]]; 4] = [
        &[&[stock, "mei: It is behind the house."]],
        &[&[other, "thanks", "tom: We ship on Mondays."]],
        &[&[stock]],
        &[&["mei: Gift cards are sold at the till."]],
    ];
    let all: [&[&str]; 4] =
        [&["It is behind the house."], &["We ship on Mondays."], &[], &["Gift cards are sold at the till."]];
    assert_eq!(told(&three), all);
    // About two things it may be the answer to both; about one, however often, it is the answer.
    assert_eq!(told(&three[1..3])[1], [&stock[5..]]);
    assert_eq!(told(&[&[&[stock], &[stock], &[stock], &[stock]]]), [[&stock[5..]]]);
    // One who asked three things at once got one answer.
    let lines = lines(1, &["mei: All of it is on our page about shipping."]);
    let asked = Asked { conversation: "cnv_1", lines: &lines };
    assert!(replies(&[vec![asked], vec![asked], vec![asked]]).iter().all(|found| found.len() == 1));
}

#[test]
fn the_newest_three_that_differ_are_told() {
    let group: [&[&str]; 6] = [
        &["mei: The first one of them all."],
        &["mei: It is behind the house."],
        &["mei: It is opposite the church."],
        &["mei: IT IS behind the house!!"],
        &["mei: Look behind the house."],
        &["tom: There is none: take the bus."],
    ];
    let found = told(&[&group]).concat();
    assert_eq!(found, ["There is none: take the bus.", "Look behind the house.", "It is opposite the church."]);
    let long = format!("mei: {}", "长".repeat(3_000));
    assert_eq!(one(&[&long])[0].chars().count(), REPLY_CHARS);
}
