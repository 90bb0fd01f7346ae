//! Sockets that only listen: all that comes is read and counted, so that a server can't be fast because nobody reads.

use std::{
    io::{ErrorKind, Read as _},
    net::TcpStream,
    os::fd::AsRawFd as _,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use serde::Serialize;

use crate::{
    plan::{Listener, Plan},
    socket::{Incoming, Socket, send},
};

/// What came while they listened.
#[derive(Debug, Default, Serialize)]
pub struct Heard {
    pub sockets: usize,
    pub bytes: usize,
    pub closed: usize,
}

/// Opens them one after the other; each has had an answer to its hello.
pub fn open(plan: &Plan) -> Result<Vec<TcpStream>, String> {
    plan.listeners.iter().map(|it| one(plan.port, it).map_err(|error| format!("a listener: {error}"))).collect()
}

fn one(port: u16, listener: &Listener) -> Result<TcpStream, std::io::Error> {
    let mut socket = Socket::open(port, &listener.seat)?;
    send(&socket.stream, false, &listener.hello.0)?;
    match socket.wait()? {
        Incoming::Data(_) => Ok(socket.stream),
        Incoming::Close => Err(ErrorKind::ConnectionAborted.into()),
    }
}

/// Reads until it is `over`.
pub fn drain(streams: &[TcpStream], over: &AtomicBool) -> Result<Heard, std::io::Error> {
    let mut heard = Heard { sockets: streams.len(), ..Heard::default() };
    let mut poll = Poll::new()?;
    for (at, stream) in streams.iter().enumerate() {
        stream.set_nonblocking(true)?;
        poll.registry().register(&mut SourceFd(&stream.as_raw_fd()), Token(at), Interest::READABLE)?;
    }
    let mut events = Events::with_capacity(256);
    let mut chunk = vec![0; 256 * 1024];
    while !over.load(Ordering::Acquire) {
        match poll.poll(&mut events, Some(Duration::from_millis(50))) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            let Some(mut stream) = streams.get(event.token().0) else { continue };
            loop {
                match stream.read(&mut chunk) {
                    Ok(0) => {
                        heard.closed += 1;
                        break;
                    }
                    Ok(n) => heard.bytes += n,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => {
                        heard.closed += 1;
                        break;
                    }
                }
            }
        }
    }
    Ok(heard)
}
