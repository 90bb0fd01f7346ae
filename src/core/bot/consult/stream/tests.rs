use super::{super::quoted, *};

#[test]
fn how_it_ended_follows_from_how_far_it_came() {
    for (progress, has_written, ended) in [
        (Progress::Whole, false, Ended::Nothing),
        (Progress::Whole, true, Ended::Whole),
        (Progress::Broken, true, Ended::CutOff),
        (Progress::Broken, false, Ended::Nothing),
        (Progress::Going, false, Ended::Nothing),
    ] {
        assert_eq!(Ended::of(progress, has_written), ended);
    }
}

fn piece(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":{}}}}}]}}\n\n", quoted(text))
}

fn read(bytes: &[u8]) -> (String, Progress) {
    let mut stream = Stream::default();
    let taken = stream.take(bytes);
    let ended = if taken == Progress::Going { stream.close() } else { taken };
    (stream.written, ended)
}

#[test]
fn what_a_model_thinks_to_itself_is_shown_to_nobody() {
    let table = [
        ("<think>The rules say [1]. </think>NONE", "NONE"),
        ("\n <think>\n[2] </think>\n\n[1] A litre.", "\n\n[1] A litre."),
        ("<think></think>[1] A litre.", "[1] A litre."),
        ("<think>长长</thin长</think>[1] A litre.", "[1] A litre."),
        ("<think>It never comes to an end [1]", ""),
        ("<thi", ""),
        ("<thin air> [1]", "<thin air> [1]"),
        ("[1] A litre, I <think> so", "[1] A litre, I <think> so"),
    ];
    for (written, said) in table {
        let letters: Vec<String> = written.chars().map(|letter| piece(&letter.to_string())).collect();
        for pieces in [vec![piece(written)], letters] {
            let mut stream = Stream::default();
            for piece in pieces {
                stream.take(piece.as_bytes());
                let so_far = stream.said().trim_start();
                assert!(said.trim_start().starts_with(so_far), "{so_far:?} of {written:?}");
            }
            assert_eq!(
                (stream.said(), stream.has_thought),
                (said, written.contains("think>") && !written.ends_with("so"))
            );
        }
    }
    // Where only the end of it is marked, that takes back what came before.
    assert_eq!(read(piece("I think [1] it is. </think>[2] Yes.").as_bytes()).0, "[2] Yes.");
    assert_eq!(read(piece("<think>a</think>b<think>c</think>[1] d").as_bytes()).0, "[1] d");
    // However long it thinks.
    let mut stream = Stream::default();
    for _ in 0..40 {
        stream.take(piece(&"[1] Hm. ".repeat(200)).replacen("[1]", "<think>[1]", 1).as_bytes());
    }
    stream.take(piece("</think>[1] A litre.").as_bytes());
    assert_eq!((stream.said(), stream.has_thought), ("[1] A litre.", true));
    for name in ["reasoning_content", "reasoning"] {
        let mut stream = Stream::default();
        stream.take(format!("data: {{\"choices\":[{{\"delta\":{{\"{name}\":\"\"}}}}]}}\n\n").as_bytes());
        assert!(!stream.has_thought);
        stream.take(format!("data: {{\"choices\":[{{\"delta\":{{\"{name}\":\"Hm\"}}}}]}}\n\n").as_bytes());
        assert!(stream.has_thought);
    }
}

#[test]
fn an_end_has_many_names_and_what_has_none_of_them_is_a_cut() {
    let ends = ["stop", "STOP", "eos", "eos_token", "end_turn", "stop_sequence", "COMPLETE"];
    let cuts = ["length", "max_tokens", "model_length", "network_error", "tool_calls", "x"];
    let filters = ["content_filter", "sensitive", "SENSITIVE"];
    let all = ends.map(|end| (end, Progress::Whole)).into_iter().chain(cuts.map(|cut| (cut, Progress::Broken)));
    for (reason, progress) in all.chain(filters.map(|cut| (cut, Progress::Filtered))) {
        let end = format!("data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n");
        assert_eq!(read((piece("a") + &end).as_bytes()), ("a".to_owned(), progress), "{reason}");
    }
}

#[test]
fn an_answer_is_read_however_it_is_written() {
    let hi = "{\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}";
    let table = [
        (format!("{}{}data: [DONE]\n\n", piece("[1] 长"), piece("å😀")), "[1] 长å😀", Progress::Whole),
        (format!("data:{hi}\r\n\r\ndata:[DONE]\r\n\r\n"), "hi", Progress::Whole),
        (format!("data: {hi}\r\rdata: [DONE]\r\r"), "hi", Progress::Whole),
        (
            format!(": a comment\nevent: x\nid: 1\nretry: 5\ndatax: no\ndata: {hi}\n\ndata: [DONE]"),
            "hi",
            Progress::Whole,
        ),
        ("data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"hi\"}}]}\n\n".to_owned(), "hi", Progress::Going),
        (format!("data: {hi}\n\n"), "hi", Progress::Going),
        // The last event is not whole: what it says may be half.
        (format!("data: {hi}\n\ndata: {{\"choices\":[{{\"del"), "hi", Progress::Broken),
        (
            piece("a") + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" + &piece("b"),
            "a",
            Progress::Whole,
        ),
        (piece("a") + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n", "a", Progress::Broken),
        (
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\"}]}\n\n".to_owned()
                + &piece("b")
                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
            "ab",
            Progress::Whole,
        ),
        (piece("a") + "data: {\"error\":{\"message\":\"no\"}}\n\n" + &piece("b"), "a", Progress::Broken),
        (piece("a") + "data: {\"error\":null,\"choices\":[]}\n\ndata: [DONE]\n\n", "a", Progress::Whole),
        ("data: {\"choices\":[{\"delta\":{\"content\":null,\"role\":\"assistant\"}}]}\n\n".into(), "", Progress::Going),
        ("data: {\"choices\":[]}\n\n".into(), "", Progress::Going),
        ("data: {\"choices\":{}}\n\ndata: 1\n\ndata: []\n\n".into(), "", Progress::Going),
        ("data: nonsense\n\n".into(), "", Progress::Broken),
        ("data: {\"choices\":[{\"delta\":{\"content\":\"\\ud800\"}}]}\n\n".into(), "", Progress::Broken),
        // Proxies keep the line open by events that say nothing, and files of PHP may begin with a mark of their encoding.
        (format!("data:\n\ndata\n\ndata: \ndata:\n\ndata: {hi}\n\ndata:\n\ndata: [DONE]\n\n"), "hi", Progress::Whole),
        ("data\n\n".into(), "", Progress::Going),
        (format!("\u{feff}data: {hi}\n\ndata: [DONE]\n\n"), "hi", Progress::Whole),
        ("<html>a proxy's page</html>".into(), "", Progress::Going),
        (String::new(), "", Progress::Going),
    ];
    for (bytes, text, ended) in table {
        assert_eq!(read(bytes.as_bytes()), (text.to_owned(), ended), "{bytes}");
        // In whatever pieces it comes.
        for at in 0..bytes.len() {
            let mut stream = Stream::default();
            let mut taken = stream.take(&bytes.as_bytes()[..at]);
            if taken == Progress::Going {
                taken = stream.take(&bytes.as_bytes()[at..]);
            }
            let taken = if taken == Progress::Going { stream.close() } else { taken };
            assert_eq!((stream.written.as_str(), taken), (text, ended), "{bytes} parted at {at}");
        }
    }
}

/// What it has cost comes behind the answer, in its last event, all along, or not at all.
#[test]
fn what_it_has_cost_is_read_behind_it() {
    let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let cut = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    let usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"total_tokens\":120}}\n\n";
    let less = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100}}\n\n";
    let none = "data: {\"choices\":[],\"usage\":null}\n\n";
    let table = [
        (piece("a") + end + usage + "data: [DONE]\n\n", Some(120), Progress::Whole, true),
        (piece("a") + end + usage, Some(120), Progress::Whole, true),
        (piece("a") + end, None, Progress::Whole, false),
        (piece("a") + end + none + "data: [DONE]\n\n", None, Progress::Whole, true),
        (less.to_owned() + &piece("a") + end + usage, Some(120), Progress::Whole, true),
        (less.to_owned() + &piece("a") + end, Some(100), Progress::Whole, false),
        (less.to_owned() + &piece("a") + cut + usage, Some(120), Progress::Broken, true),
        (piece("a") + cut, None, Progress::Broken, false),
        (
            piece("a")
                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
            Some(7),
            Progress::Whole,
            true,
        ),
        // Thoughts that are in the sum alone.
        (
            piece("a")
                + end
                + "data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":90}}\n\n",
            Some(90),
            Progress::Whole,
            true,
        ),
        (
            piece("a") + end + "data: {\"usage\":{\"prompt_tokens\":99999999999,\"completion_tokens\":-4}}\n\n",
            Some(u32::MAX),
            Progress::Whole,
            true,
        ),
        (piece("a") + end + "data: {\"usage\":{\"prompt_tokens\":-1}}\n\n", None, Progress::Whole, false),
        (piece("a") + end + "data: {\"usage\":[1]}\n\n", None, Progress::Whole, false),
        (piece("a") + end + "data: nonsense\n\n", None, Progress::Whole, true),
        (piece("a") + end + &piece("b") + usage, Some(120), Progress::Whole, true),
    ];
    for (bytes, usage, ended, is_done) in table {
        for at in 0..=bytes.len() {
            let mut stream = Stream::default();
            stream.take(&bytes.as_bytes()[..at]);
            let taken = stream.take(&bytes.as_bytes()[at..]);
            let came = (stream.written.as_str(), stream.usage, taken, stream.is_done);
            assert_eq!(came, ("a", usage, ended, is_done), "{bytes} parted at {at}");
        }
    }
}

#[test]
fn bytes_that_are_no_answer_end_it_and_cost_little() {
    assert_eq!(read(b"data: \xff\xfe\n\n").1, Progress::Broken);
    let endless = vec![b'x'; CONSULT_EVENT_BYTES + 1];
    assert_eq!(read(&endless), (String::new(), Progress::Broken));
    let lines = "data: x\n".repeat(CONSULT_EVENT_BYTES / 2);
    assert_eq!(read(lines.as_bytes()), (String::new(), Progress::Broken));
    let idle = ": still here\n".repeat(CONSULT_STREAM_BYTES / 13 + 1);
    assert_eq!(read(idle.as_bytes()).1, Progress::Broken);
    let (written, ended) = read(piece(&"x".repeat(1_000)).repeat(CONSULT_TEXT_BYTES / 1_000 + 5).as_bytes());
    assert_eq!((written.len() <= CONSULT_TEXT_BYTES, ended), (true, Progress::Broken));
    let mut stream = Stream::default();
    assert_eq!(stream.take(b"data: [DONE]\n\n"), Progress::Whole);
    assert_eq!(stream.take(piece("more").as_bytes()), Progress::Whole);
    assert_eq!(stream.written, "", "what comes after the end is not looked at");
}
