//! A WebSocket client's half of RFC 6455, as far as a driver needs it: no fragments, no extensions, no control frames
//! sent. Our own, because a frame has to be written by one thread while another reads, with one descriptor.

use std::{
    io::{Error, ErrorKind, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use crate::plan::Seat;

/// What a server takes for an answer; longer means that it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client masks what it sends. With a key of zero the payload stays as it is, which costs the server as much.
const MASK: [u8; 4] = [0; 4];

/// One open socket and what has been read of it so far.
pub struct Socket {
    pub stream: TcpStream,
    pub inbox: Inbox,
}

/// Bytes that came and are no whole frame yet.
#[derive(Default)]
pub struct Inbox(Vec<u8>);

/// A frame that came.
pub enum Incoming {
    Data(Vec<u8>),
    Close,
}

impl Socket {
    /// Connects and upgrades.
    pub fn open(port: u16, seat: &Seat) -> Result<Socket, Error> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "GET {} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: {}\r\n{}\r\n",
            seat.path, seat.protocols, seat.headers
        )?;
        let mut read = Vec::new();
        let end = loop {
            if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            let mut chunk = [0; 2048];
            match stream.read(&mut chunk)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                n => read.extend_from_slice(&chunk[..n]),
            }
        };
        if !read.starts_with(b"HTTP/1.1 101") {
            let line = String::from_utf8_lossy(&read).lines().next().unwrap_or_default().to_owned();
            return Err(Error::other(format!("refused: {line}")));
        }
        Ok(Socket { stream, inbox: Inbox(read.split_off(end)) })
    }

    /// Waits for the next frame.
    pub fn wait(&mut self) -> Result<Incoming, Error> {
        loop {
            if let Some(frame) = self.inbox.next() {
                return Ok(frame);
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                n => self.inbox.take(&chunk[..n]),
            }
        }
    }
}

/// Writes one whole frame. The kernel's buffer takes it at once unless the server has stopped reading.
pub fn send(mut stream: &TcpStream, text: bool, payload: &[u8]) -> Result<(), Error> {
    let mut frame = Vec::with_capacity(payload.len() + 8);
    frame.push(if text { 0x81 } else { 0x82 });
    match u8::try_from(payload.len()) {
        Ok(short) if short < 126 => frame.push(0x80 | short),
        _ => {
            let length = u16::try_from(payload.len()).map_err(|_| Error::other("the frame is too long"))?;
            frame.push(0x80 | 126);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend_from_slice(payload);
    match stream.write(&frame)? {
        n if n == frame.len() => Ok(()),
        _ => Err(Error::other("the server does not read")),
    }
}

impl Inbox {
    /// More bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next whole frame; pings and pongs are left out.
    pub fn next(&mut self) -> Option<Incoming> {
        loop {
            let (first, second) = (*self.0.first()?, *self.0.get(1)?);
            let (head, length) = match second & 0x7f {
                126 => (4, u64::from(u16::from_be_bytes(self.0.get(2..4)?.try_into().ok()?))),
                127 => (10, u64::from_be_bytes(self.0.get(2..10)?.try_into().ok()?)),
                short => (2, u64::from(short)),
            };
            let end = head + usize::try_from(length).ok()?;
            let payload = self.0.get(head..end)?.to_vec();
            self.0.drain(..end);
            match first & 0x0f {
                0x1 | 0x2 => return Some(Incoming::Data(payload)),
                0x8 => return Some(Incoming::Close),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_however_they_came_in() {
        let long = vec![b'x'; 300];
        let mut line = vec![0x81, 2, b'h', b'i', 0x8a, 0];
        line.extend([0x82, 126, 1, 44]);
        line.extend(&long);
        line.extend([0x88, 0]);
        let mut inbox = Inbox::default();
        let mut came = Vec::new();
        for byte in line {
            inbox.take(&[byte]);
            while let Some(frame) = inbox.next() {
                came.push(match frame {
                    Incoming::Data(data) => data,
                    Incoming::Close => b"close".to_vec(),
                });
            }
        }
        assert_eq!(came, [b"hi".to_vec(), long, b"close".to_vec()]);
    }
}
