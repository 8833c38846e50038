//! The installation's secret key: 32 random bytes in a file that only its owner may read.
//!
//! It seals signing keys and tickets and keys the hashes of client secrets. Servers on one
//! database share one file; who loses it has to make new signing keys and client secrets.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::CryptoError;
use super::random::Random;
use crate::private_file;

#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

impl SecretKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the file, or makes it when it is not there; its mode is 0600 afterwards.
    ///
    /// # Errors
    /// The file can't be read or written, or does not hold a key.
    pub fn load_or_create(path: &Path, random: &Random) -> Result<Self, CryptoError> {
        let problem = |text: String| CryptoError::SecretKey {
            path: path.display().to_string(),
            problem: text,
        };
        match fs::read_to_string(path) {
            Ok(text) => {
                private_file::close_to_others(path);
                Self::parse(&text).ok_or_else(|| {
                    problem("does not hold a key (43 characters of base64url)".to_owned())
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                    fs::create_dir_all(folder)
                        .map_err(|e| problem(format!("its folder can't be made: {e}")))?;
                }
                let bytes = random.bytes();
                match write_new(path, &URL_SAFE_NO_PAD.encode(bytes)) {
                    Ok(()) => Ok(Self::new(bytes)),
                    // Another server was faster: its key is the key.
                    Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                        Self::load_or_create(path, random)
                    }
                    Err(e) => Err(problem(format!("can't be written: {e}"))),
                }
            }
            Err(error) => Err(problem(format!("can't be read: {error}"))),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD
            .decode_slice(text.trim(), &mut bytes[..])
            .ok()?;
        (length == 32).then_some(Self(bytes))
    }

    /// A key for one purpose (HKDF-Expand of one block, RFC 5869 §2.3).
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0[..]);
        let mut context = hmac::Context::with_key(&key);
        context.update(purpose.as_bytes());
        context.update(&[1]);
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

/// Writes the whole key under another name first, so that no reader ever sees half of it.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&temporary)
        .and_then(|mut file| {
            writeln!(file, "{text}")?;
            file.sync_all()
        })
        // A link fails where the name is taken; a rename would replace the other's key.
        .and_then(|()| fs::hard_link(&temporary, path));
    let _ = fs::remove_file(&temporary);
    written
}
