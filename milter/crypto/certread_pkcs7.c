/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates in a CMS signed-data (.p7b, .p7c, userSMIMECertificate of RFC 2798). Its signature proves nothing
 * that a chain does not, and is not looked at. */
#include "crypto/certs_private.h"
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

enum { CERTS_MAX = 1000 };

bool certread_pkcs7(CertReads *reads, const char *data, size_t length) {
    BIO *bio = BIO_new_mem_buf(data, (int)length);
    CMS_ContentInfo *cms = length > 0 && data[0] == 0x30 ? d2i_CMS_bio(bio, NULL)
                                                         : PEM_ASN1_read_bio((d2i_of_void *)d2i_CMS_ContentInfo,
                                                                             PEM_STRING_CMS, bio, NULL, pem_no_password, NULL);
    STACK_OF(X509) *certs = cms != NULL ? CMS_get1_certs(cms) : NULL;
    for (int i = 0; i < sk_X509_num(certs) && i < CERTS_MAX; i++)
        certread_add_x509(reads, sk_X509_value(certs, i));
    bool any = sk_X509_num(certs) > 0;
    sk_X509_pop_free(certs, X509_free);
    CMS_ContentInfo_free(cms);
    BIO_free(bio);
    ERR_clear_error();
    return any;
}
