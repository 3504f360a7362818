//! A file system that misbehaves as it is told: one directory, one file `token` of alice's.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::sync::Arc;

use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::support::{ALICE, TOKEN, USERS};

/// What is asked of the file system, by the kernel's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Lookup = 1,
    GetAttributes = 3,
    Open = 14,
    Read = 15,
    GetXattr = 22,
}

/// How it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It never answers.
    Silence,
    /// It answers with this error number.
    Error(i32),
}

/// A mounted file system. When dropped its connection ends, and whoever waits for it goes on.
pub(crate) struct Fuse {
    point: &'static str,
    _device: Arc<File>,
}

const ROOT: u64 = 1;
const FILE: u64 = 2;

impl Fuse {
    /// Mounts at `point`.
    pub(crate) fn mount(point: &'static str, call: Call, fault: Fault) -> Self {
        let device = OpenOptions::new().read(true).write(true).open("/dev/fuse");
        let device = Arc::new(device.unwrap());
        std::fs::create_dir_all(point).unwrap();
        let options = format!(
            "fd={},rootmode=40000,user_id=0,group_id=0,allow_other",
            device.as_raw_fd()
        );
        let flags = MsFlags::MS_NODEV | MsFlags::MS_NOSUID;
        mount(
            Some("none"),
            point,
            Some("fuse"),
            flags,
            Some(options.as_str()),
        )
        .unwrap();
        let served = Arc::downgrade(&device);
        // The thread holds no reference while it waits: dropping the device must end it.
        let mut requests = device.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut buffer = vec![0_u8; 256 * 1024];
            while let Ok(length) = requests.read(&mut buffer) {
                let Some(_alive) = served.upgrade() else {
                    return;
                };
                serve(&mut requests, &buffer[..length], call, fault);
            }
        });
        Self {
            point,
            _device: device,
        }
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        // Forced: the connection is aborted, whoever waits included.
        umount2(
            Path::new(self.point),
            MntFlags::MNT_FORCE | MntFlags::MNT_DETACH,
        )
        .ok();
    }
}

fn serve(device: &mut File, request: &[u8], call: Call, fault: Fault) {
    let number = |at: usize| u32::from_le_bytes(request[at..at + 4].try_into().unwrap());
    let wide = |at: usize| u64::from_le_bytes(request[at..at + 8].try_into().unwrap());
    let (opcode, unique, node) = (number(4), wide(8), wide(16));
    let is_faulty = opcode == call as u32 && (call == Call::Lookup || node == FILE);
    let answer = match (is_faulty, fault, opcode) {
        (true, Fault::Silence, _) => return,
        (true, Fault::Error(error), _) => Err(error),
        // FORGET, INTERRUPT, BATCH_FORGET have no answer.
        (_, _, 2 | 36 | 42) => return,
        (_, _, 1) => Ok(entry()),
        (_, _, 3) => Ok([&[0; 16], attributes(node).as_slice()].concat()),
        (_, _, 14 | 27) => Ok(vec![0; 16]),
        (_, _, 15) if wide(48) == 0 => Ok(TOKEN.as_bytes().to_vec()),
        (_, _, 15) => Ok(Vec::new()),
        (_, _, 17) => Ok(vec![0; 80]),
        (_, _, 18 | 25 | 29 | 34) => Ok(Vec::new()),
        // ENODATA: no extended attributes.
        (_, _, 22) => Err(61),
        (_, _, 26) => Ok(init()),
        // ENOSYS
        _ => Err(38),
    };
    let (error, body) = match answer {
        Ok(body) => (0, body),
        Err(error) => (-error, Vec::new()),
    };
    let mut reply = u32::try_from(16 + body.len())
        .unwrap()
        .to_le_bytes()
        .to_vec();
    reply.extend(error.to_le_bytes());
    reply.extend(unique.to_le_bytes());
    reply.extend(body);
    device.write_all(&reply).ok();
}

/// Version 7.31, no capabilities.
fn init() -> Vec<u8> {
    let mut body: Vec<u8> = [7_u32, 31, 0, 0, 0, 65_536].map(u32::to_le_bytes).concat();
    body.resize(64, 0);
    body
}

fn entry() -> Vec<u8> {
    let mut body: Vec<u8> = [FILE, 0, 0, 0, 0].map(u64::to_le_bytes).concat();
    body.extend(attributes(FILE));
    body
}

fn attributes(node: u64) -> Vec<u8> {
    let (mode, uid, size) = match node {
        ROOT => (0o040_755, 0, 0),
        _ => (0o100_400, ALICE, TOKEN.len() as u64),
    };
    let mut body: Vec<u8> = [node, size, 0, 0, 0, 0].map(u64::to_le_bytes).concat();
    body.extend(
        [0_u32, 0, 0, mode, 1, uid, USERS, 0, 4096, 0]
            .map(u32::to_le_bytes)
            .concat(),
    );
    body
}
