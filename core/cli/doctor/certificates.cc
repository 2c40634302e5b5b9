#include "core/cli/doctor/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

#include "core/cli/doctor/limits.h"

namespace freshet::cli {
namespace {

template <class T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* all) const { kFree(all); }
};
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
struct Closed {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closed>;

// A passphrase is asked for by nobody.
int no_passphrase(char*, int, int, void*) { return 0; }

template <class Out, class Read>
Out read_pem(const std::string& path, Read read) {
  const File file(std::fopen(path.c_str(), "re"));
  return file ? Out(read(file.get(), nullptr, no_passphrase, nullptr)) : Out{};
}

std::string common_name(const X509& certificate) {
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(&certificate), NID_commonName, name,
                            sizeof(name));
  return name[0] == '\0' ? "" : std::string(" for ") + name;
}

}  // namespace

void check_certificate(const std::string& cert, const std::string& key, Findings& out) {
  const auto certificate = read_pem<Certificate>(cert, PEM_read_X509);
  const auto secret = read_pem<Key>(key, PEM_read_PrivateKey);
  ERR_clear_error();
  if (!certificate || !secret) {
    const bool of_cert = !certificate;
    return out.wrong(
        "certificate",
        (of_cert ? cert : key) + " cannot be read, or is no PEM file with a " +
            (of_cert ? "certificate" : "private key without passphrase"),
        "the files that cert and key of platform-ws name, readable for the server's user");
  }
  if (X509_check_private_key(certificate.get(), secret.get()) != 1) {
    ERR_clear_error();
    return out.wrong("certificate", key + " is not the key of " + cert,
                     "the two that were made together");
  }
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get()));
  const std::string what =
      cert + common_name(*certificate) + " is good for " + std::to_string(days) + " more days";
  if (days < 0 || seconds < 0) {
    return out.wrong("certificate", cert + common_name(*certificate) + " has expired",
                     "a new one, and SIGHUP: connections stay");
  }
  if (days < kSoonDays)
    return out.doubtful("certificate", what, "a new one, and SIGHUP: connections stay");
  out.good("certificate", what);
}

}  // namespace freshet::cli
