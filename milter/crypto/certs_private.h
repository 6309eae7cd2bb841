/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one file of certificates or keys, the same for the store and for `lexgate cert import`; for this folder
 * alone. */
#pragma once
#include "crypto/certread.h"
#include <openssl/x509.h>

enum { CERT_ADDRESSES_MAX = 1000 }; /* of one certificate or key */

/* These add to `reads`. An address that is implausible is none. */
void certread_add_x509(CertReads *reads, X509 *x509);
void certread_x509(CertReads *reads, const char *data, size_t length); /* PEM, several, or one in DER */
void certread_openpgp(CertReads *reads, const char *data, size_t length);
void certread_vcard(CertReads *reads, const char *data, size_t length);

/* False when there are no certificates of a CMS signed-data in it. */
bool certread_pkcs7(CertReads *reads, const char *data, size_t length);

bool is_private_key(const char *data, size_t length); /* alone, in DER, encrypted or not */
bool is_pkcs12(const char *data, size_t length);

/* False when it is no PKCS#12. */
bool certread_pkcs12(CertReads *reads, const char *data, size_t length, const char *passphrase);

void certread_problem(CertReads *reads, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* librnp's complaints go there for a while: of its parser's it asks nobody. Gives what standard error was, -1: nothing
 * was done. Whoever reads keys has one thread, so no line of ours is lost meanwhile. */
int openpgp_silence_errors(int silence);
void openpgp_restore_errors(int saved);

/* What stands in armor, or the same when it is binary; NULL when it is neither. Caller owns. */
GBytes *openpgp_binary(const void *data, size_t length);

/* The key as a text in armor. Caller owns. */
char *openpgp_armored(GBytes *key);

/* Adds an address as it is written, once. */
void cert_add_address(Cert *cert, const char *address);

/* For every PEM that is read: OpenSSL would ask the terminal for the password of an encrypted one. */
int pem_no_password(char *buffer, int size, int writing, void *state);

/* False when it is none. */
bool instant_from_asn1(const ASN1_TIME *time, Instant *instant);
