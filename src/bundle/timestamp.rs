//! Time stamps of a run's list (RFC 3161): somebody else's word, signed, that the list was there at a time. Asking is
//! left to others; here a request is made, and an answer is checked, offline and years later.

use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::cert::x509::ext::pkix::{ExtendedKeyUsage, SubjectKeyIdentifier};
use cms::cert::x509::spki::{AlgorithmIdentifierOwned, ObjectIdentifier};
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{Any, Int, Null, OctetString};
use der::oid::db::{rfc5280, rfc5911, rfc5912};
use der::{Decode, Encode, Sequence};
use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use sha2::{Digest, Sha256, Sha384, Sha512};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring};
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion, TstInfo};

/// What a time stamp says of itself.
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// Which certificate the signer meant, by its sum.
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// `id-kp-timeStamping`, as its bytes in a certificate.
const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];

/// Why an answer is no time stamp of a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// It is nothing that can be read, or lacks a part.
    #[error("no time stamp can be read in it ({0})")]
    Unreadable(String),
    #[error("the authority refused ({0})")]
    Refused(String),
    /// Of other bytes, or the answer to another question.
    #[error("it is of something else ({0})")]
    Other(&'static str),
    #[error("its signature is not good ({0})")]
    Signature(&'static str),
    /// Its certificate is not one for time stamps, or was not valid then.
    #[error("its certificate may not stamp ({0})")]
    Certificate(&'static str),
    #[error("its certificate does not lead to a trusted root ({0})")]
    Untrusted(String),
}

/// A time stamp that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub at: Timestamp,
    /// The subject of the certificate.
    pub authority: String,
    /// Whether its certificate leads to a root that was given.
    pub is_rooted: bool,
}

/// Certificates of authorities that are trusted, as they were read.
#[derive(Debug, Clone)]
pub struct Roots(Vec<CertificateDer<'static>>);

impl Roots {
    /// From a file: PEM with one or more certificates, or one in DER.
    ///
    /// # Errors
    /// When it cannot be read, or has no certificate.
    pub fn read(path: &std::path::Path) -> std::io::Result<Self> {
        let bytes = fs_err::read(path)?;
        let mut found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes)
            .filter_map(Result::ok)
            .collect();
        if found.is_empty() {
            found.push(CertificateDer::from(bytes));
        }
        if found
            .iter()
            .any(|certificate| anchor_from_trusted_cert(certificate).is_err())
        {
            let text = format!("{}: no certificates that can be read", path.display());
            return Err(std::io::Error::other(text));
        }
        Ok(Self(found))
    }
}

/// A question for an authority.
#[derive(Debug, Clone)]
pub struct StampRequest {
    pub bytes: Vec<u8>,
    nonce: Int,
}

impl StampRequest {
    /// For the time of these bytes, with a number that no answer can know before.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(list: &[u8]) -> Result<Self, StampError> {
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(|error| StampError::Unreadable(error.to_string()))?;
        // Positive, and of full length.
        random[0] = random[0] & 0x3f | 0x40;
        let nonce = Int::new(&random).map_err(unreadable)?;
        let request = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: MessageImprint {
                hash_algorithm: AlgorithmIdentifierOwned {
                    oid: rfc5912::ID_SHA_256,
                    parameters: Some(Any::from(Null)),
                },
                hashed_message: OctetString::new(Sha256::digest(list).to_vec()).map_err(unreadable)?,
            },
            req_policy: None,
            nonce: Some(nonce.clone()),
            cert_req: true,
            extensions: None,
        };
        let bytes = request.to_der().map_err(unreadable)?;
        Ok(Self { bytes, nonce })
    }
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn unreadable(error: der::Error) -> StampError {
    StampError::Unreadable(error.to_string())
}

/// Checks an answer: that it is a time stamp of `list`, in answer to `request` where there is one, well signed by a
/// certificate for time stamps that was valid then, and, where roots are given, that it leads to one of them.
///
/// # Errors
/// When any of this does not hold.
pub fn check_stamp(
    answer: &[u8],
    list: &[u8],
    request: Option<&StampRequest>,
    roots: Option<&Roots>,
) -> Result<Stamp, StampError> {
    let token = signed_data(answer)?;
    let content = &token.encap_content_info;
    let info = content
        .econtent
        .as_ref()
        .filter(|_| content.econtent_type == TST_INFO)
        .ok_or(StampError::Other("content"))?;
    let said = TstInfo::from_der(info.value()).map_err(unreadable)?;
    if said.message_imprint.hash_algorithm.oid != rfc5912::ID_SHA_256
        || said.message_imprint.hashed_message.as_bytes() != Sha256::digest(list).as_slice()
    {
        return Err(StampError::Other("imprint"));
    }
    if request.is_some_and(|request| said.nonce.as_ref() != Some(&request.nonce)) {
        return Err(StampError::Other("nonce"));
    }
    let seconds = i64::try_from(said.gen_time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let at = Timestamp::from_second(seconds).map_err(|error| StampError::Unreadable(error.to_string()))?;
    let [signer] = token.signer_infos.0.as_slice() else {
        return Err(StampError::Unreadable("signers".to_owned()));
    };
    let certificates: Vec<&Certificate> = token
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let certificate = certificates
        .iter()
        .find(|certificate| is_of(certificate, &signer.sid))
        .ok_or(StampError::Signature("certificate"))?;
    check_signer(signer, certificate, info.value())?;
    check_certificate(certificate, at)?;
    if let Some(roots) = roots {
        check_chain(certificate, &certificates, at, roots)?;
    }
    Ok(Stamp {
        at,
        authority: certificate.tbs_certificate.subject.to_string(),
        is_rooted: roots.is_some(),
    })
}

fn signed_data(answer: &[u8]) -> Result<SignedData, StampError> {
    use x509_tsp::TimeStampToken;
    let answer = TimeStampResp::from_der(answer).map_err(unreadable)?;
    // Granted, or granted with changes.
    if answer.status.status as u8 > 1 {
        return Err(StampError::Refused(format!("{:?}", answer.status.status)));
    }
    let token: TimeStampToken = answer
        .time_stamp_token
        .ok_or_else(|| StampError::Unreadable("token".to_owned()))?;
    if token.content_type != rfc5911::ID_SIGNED_DATA {
        return Err(StampError::Other("content"));
    }
    token.content.decode_as().map_err(unreadable)
}

fn is_of(certificate: &Certificate, signer: &SignerIdentifier) -> bool {
    let body = &certificate.tbs_certificate;
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            body.issuer == named.issuer && body.serial_number == named.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            matches!(body.get::<SubjectKeyIdentifier>(), Ok(Some((_, found))) if found == *named)
        }
    }
}

/// What a signer says of the certificate that it signed by.
#[derive(Debug, Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

#[derive(Debug, Sequence)]
struct EssCertIdV2 {
    /// SHA-256, where it is not said.
    #[asn1(optional = "true")]
    hash_algorithm: Option<AlgorithmIdentifierOwned>,
    cert_hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

/// Whether the signed attributes are of this content and this certificate, and the signature is of them.
fn check_signer(signer: &SignerInfo, certificate: &Certificate, content: &[u8]) -> Result<(), StampError> {
    let attributes = signer
        .signed_attrs
        .as_ref()
        .ok_or(StampError::Signature("attributes"))?;
    let value = |oid: ObjectIdentifier| {
        let found = attributes.iter().find(|attribute| attribute.oid == oid)?;
        found.values.get(0)
    };
    let kind = value(rfc5911::ID_CONTENT_TYPE).and_then(|kind| kind.decode_as::<ObjectIdentifier>().ok());
    if kind != Some(TST_INFO) {
        return Err(StampError::Signature("content type"));
    }
    let sum = digest(&signer.digest_alg.oid, content).ok_or(StampError::Signature("digest"))?;
    let said = value(rfc5911::ID_MESSAGE_DIGEST).and_then(|sum| sum.decode_as::<OctetString>().ok());
    if said.as_ref().map(OctetString::as_bytes) != Some(&sum) {
        return Err(StampError::Signature("message digest"));
    }
    let bytes = certificate.to_der().map_err(unreadable)?;
    if let Some(meant) = value(SIGNING_CERTIFICATE_V2) {
        let meant: SigningCertificateV2 = meant.decode_as().map_err(unreadable)?;
        let first = meant.certs.first().ok_or(StampError::Signature("certificate"))?;
        let algorithm = first
            .hash_algorithm
            .as_ref()
            .map_or(rfc5912::ID_SHA_256, |algorithm| algorithm.oid);
        if digest(&algorithm, &bytes).as_deref() != Some(first.cert_hash.as_bytes()) {
            return Err(StampError::Signature("certificate"));
        }
    }
    let content = attributes.to_der().map_err(unreadable)?;
    let der = CertificateDer::from(bytes);
    let key = EndEntityCert::try_from(&der).map_err(|_| StampError::Certificate("form"))?;
    let is_good = algorithms(signer).iter().any(|algorithm| {
        key.verify_signature(*algorithm, &content, signer.signature.as_bytes())
            .is_ok()
    });
    if is_good {
        Ok(())
    } else {
        Err(StampError::Signature("signature"))
    }
}

fn digest(algorithm: &ObjectIdentifier, bytes: &[u8]) -> Option<Vec<u8>> {
    match *algorithm {
        rfc5912::ID_SHA_256 => Some(Sha256::digest(bytes).to_vec()),
        rfc5912::ID_SHA_384 => Some(Sha384::digest(bytes).to_vec()),
        rfc5912::ID_SHA_512 => Some(Sha512::digest(bytes).to_vec()),
        _ => None,
    }
}

/// The ways in which a signature may have been made; of a curve the key says which it is.
fn algorithms(signer: &SignerInfo) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    let by_digest = |of_256, of_384, of_512| match signer.digest_alg.oid {
        rfc5912::ID_SHA_256 => vec![of_256],
        rfc5912::ID_SHA_384 => vec![of_384],
        rfc5912::ID_SHA_512 => vec![of_512],
        _ => Vec::new(),
    };
    match signer.signature_algorithm.oid {
        rfc5912::RSA_ENCRYPTION => by_digest(
            ring::RSA_PKCS1_2048_8192_SHA256,
            ring::RSA_PKCS1_2048_8192_SHA384,
            ring::RSA_PKCS1_2048_8192_SHA512,
        ),
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION => vec![ring::RSA_PKCS1_2048_8192_SHA256],
        rfc5912::SHA_384_WITH_RSA_ENCRYPTION => vec![ring::RSA_PKCS1_2048_8192_SHA384],
        rfc5912::SHA_512_WITH_RSA_ENCRYPTION => vec![ring::RSA_PKCS1_2048_8192_SHA512],
        RSA_PSS => by_digest(
            ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
            ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
            ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        ),
        rfc5912::ECDSA_WITH_SHA_256 => vec![ring::ECDSA_P256_SHA256, ring::ECDSA_P384_SHA256],
        rfc5912::ECDSA_WITH_SHA_384 => vec![ring::ECDSA_P384_SHA384, ring::ECDSA_P256_SHA384],
        _ => Vec::new(),
    }
}

/// A certificate for time stamps and nothing else, valid at the time that it stamped.
fn check_certificate(certificate: &Certificate, at: Timestamp) -> Result<(), StampError> {
    let body = &certificate.tbs_certificate;
    let usage = body.get::<ExtendedKeyUsage>();
    let for_stamps = |usage: &ExtendedKeyUsage| usage.0 == [rfc5280::ID_KP_TIME_STAMPING];
    if !matches!(&usage, Ok(Some((_, usage))) if for_stamps(usage)) {
        return Err(StampError::Certificate("extended key usage"));
    }
    let seconds = u64::try_from(at.as_second()).unwrap_or_default();
    let from = body.validity.not_before.to_unix_duration().as_secs();
    let until = body.validity.not_after.to_unix_duration().as_secs();
    if (from..=until).contains(&seconds) {
        Ok(())
    } else {
        Err(StampError::Certificate("validity"))
    }
}

fn check_chain(
    certificate: &Certificate,
    sent: &[&Certificate],
    at: Timestamp,
    roots: &Roots,
) -> Result<(), StampError> {
    let untrusted = |error: webpki::Error| StampError::Untrusted(error.to_string());
    let der = |certificate: &Certificate| certificate.to_der().map(CertificateDer::from).map_err(unreadable);
    let leaf = der(certificate)?;
    let between = sent
        .iter()
        .map(|certificate| der(certificate))
        .collect::<Result<Vec<_>, _>>()?;
    let anchors = roots
        .0
        .iter()
        .map(|root| anchor_from_trusted_cert(root).map_err(untrusted))
        .collect::<Result<Vec<_>, _>>()?;
    let then = std::time::Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default());
    let end = EndEntityCert::try_from(&leaf).map_err(untrusted)?;
    end.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &between,
        UnixTime::since_unix_epoch(then),
        KeyUsage::required(TIME_STAMPING),
        None,
        None,
    )
    .map(drop)
    .map_err(untrusted)
}
