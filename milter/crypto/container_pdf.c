/* SPDX-License-Identifier: Apache-2.0 */
/* PDF (ISO 32000-2, section 7.6): encrypted with AES by the standard handler, metadata included, no stream left in
 * clear and nothing to be read beside them, and the empty password, which readers try without asking as the user's and
 * the owner's, does not open it. Files that this small reader cannot follow are not encrypted as far as we know. */
#include "crypto/container.h"
#include <openssl/evp.h>
#include <string.h>

enum { TAIL = 1024, MAX_NESTING = 16, STRING_MAX = 127 };

static bool is_space(unsigned char c) {
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(unsigned char c) {
    return is_space(c) || memchr("()<>[]{}/%", c, 10) != NULL;
}

static Octets skip_space(Octets rest) {
    while (rest.length > 0 && (is_space(rest.at[0]) || rest.at[0] == '%')) {
        if (rest.at[0] == '%')
            while (rest.length > 1 && rest.at[1] != '\n' && rest.at[1] != '\r')
                rest = (Octets){rest.at + 1, rest.length - 1};
        rest = (Octets){rest.at + 1, rest.length - 1};
    }
    return rest;
}

static Octets advance(Octets rest, size_t count) {
    return (Octets){rest.at + count, rest.length - count};
}

static bool begins(Octets rest, const char *word) {
    size_t length = strlen(word);
    return rest.length >= length && memcmp(rest.at, word, length) == 0;
}

static size_t string_length(Octets rest) {
    int depth = 0;
    for (size_t i = 0; i < rest.length; i++) {
        if (rest.at[i] == '\\')
            i++;
        else if (rest.at[i] == '(')
            depth++;
        else if (rest.at[i] == ')' && --depth == 0)
            return i + 1;
    }
    return rest.length;
}

Octets pdf_token(Octets *rest) {
    *rest = skip_space(*rest);
    size_t length = 0;
    if (rest->length == 0)
        return *rest;
    if (begins(*rest, "<<") || begins(*rest, ">>")) {
        length = 2;
    } else if (rest->at[0] == '(') {
        length = string_length(*rest);
    } else if (rest->at[0] == '<') {
        const unsigned char *close = memchr(rest->at, '>', rest->length);
        length = close == NULL ? rest->length : (size_t)(close - rest->at) + 1;
    } else {
        for (length = 1; length < rest->length && !is_delimiter(rest->at[length]) && !memchr("[]{}>)", rest->at[0], 6);
             length++)
            ;
    }
    Octets found = {rest->at, length};
    *rest = advance(*rest, length);
    return found;
}

static bool is(Octets word, const char *text) {
    return word.length == strlen(text) && memcmp(word.at, text, word.length) == 0;
}

bool pdf_number(Octets word, long long *number) {
    char text[24];
    if (word.length == 0 || word.length >= sizeof text)
        return false;
    memcpy(text, word.at, word.length);
    text[word.length] = '\0';
    char *end;
    *number = strtoll(text, &end, 10);
    return *end == '\0';
}

/* A value: a whole array or dictionary, "12 0 R", or one token. */
static Octets value(Octets *rest) {
    Octets first = pdf_token(rest);
    long long number;
    if (is(first, "<<") || is(first, "[")) {
        for (int depth = 1; depth > 0 && rest->length > 0;) {
            Octets inner = pdf_token(rest);
            depth += is(inner, "<<") || is(inner, "[");
            depth -= is(inner, ">>") || is(inner, "]");
            if (depth > MAX_NESTING || inner.length == 0)
                break;
        }
    } else if (pdf_number(first, &number)) {
        Octets ahead = *rest;
        Octets generation = pdf_token(&ahead), letter = pdf_token(&ahead);
        if (pdf_number(generation, &number) && is(letter, "R"))
            *rest = ahead;
    }
    return (Octets){first.at, (size_t)(rest->at - first.at)};
}

bool pdf_get(Octets dictionary, const char *key, Octets *found) {
    Octets rest = dictionary;
    if (!is(pdf_token(&rest), "<<"))
        return false;
    while (rest.length > 0) {
        Octets name = pdf_token(&rest);
        if (name.length == 0 || name.at[0] != '/')
            return false;
        Octets entry = value(&rest);
        if (is(name, key)) {
            *found = entry;
            return true;
        }
    }
    return false;
}

static bool get_number(Octets dictionary, const char *key, long long *number) {
    Octets found;
    return pdf_get(dictionary, key, &found) && pdf_number(found, number);
}

static const unsigned char *find_last(Octets file, const char *word) {
    size_t length = strlen(word);
    for (size_t i = file.length; i >= length; i--)
        if (memcmp(file.at + i - length, word, length) == 0)
            return file.at + i - length;
    return NULL;
}

/* The newest trailer's dictionary, of a table or of a cross-reference stream. */
static bool find_trailer(Octets file, Octets *trailer) {
    Octets tail = file.length > TAIL ? advance(file, file.length - TAIL) : file;
    const unsigned char *mark = find_last(tail, "startxref");
    if (mark == NULL)
        return false;
    Octets rest = {mark + 9, (size_t)(file.at + file.length - mark - 9)};
    long long offset;
    if (!pdf_number(pdf_token(&rest), &offset) || offset < 0 || (size_t)offset >= file.length)
        return false;
    rest = advance(file, (size_t)offset);
    Octets first = pdf_token(&rest);
    if (is(first, "xref")) {
        const unsigned char *word = memmem(rest.at, rest.length, "trailer", 7);
        if (word == NULL)
            return false;
        *trailer = (Octets){word + 7, (size_t)(file.at + file.length - word - 7)};
        return true;
    }
    Octets generation = pdf_token(&rest), keyword = pdf_token(&rest);
    *trailer = rest;
    return generation.length > 0 && is(keyword, "obj");
}

/* "12 0 obj": where its dictionary begins. Found by search, so it must be there once only. */
static bool find_object(Octets file, Octets reference, Octets *object) {
    long long number, generation;
    Octets rest = reference;
    if (!pdf_number(pdf_token(&rest), &number) || !pdf_number(pdf_token(&rest), &generation) ||
        !is(pdf_token(&rest), "R"))
        return false;
    char head[64];
    int length = snprintf(head, sizeof head, "%lld %lld obj", number, generation);
    unsigned seen = 0;
    for (const unsigned char *at = file.at;; at++) {
        at = memmem(at, (size_t)(file.at + file.length - at), head, (size_t)length);
        if (at == NULL)
            return seen == 1;
        if (at > file.at && !is_space(at[-1]))
            continue;
        *object = (Octets){at + length, (size_t)(file.at + file.length - at - (size_t)length)};
        seen++;
    }
}

static int hex_digit(unsigned char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static size_t hex_string(Octets text, unsigned char *out, size_t most) {
    size_t digits = 0;
    for (size_t i = 1; i + 1 < text.length && digits < 2 * most; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0)
            continue;
        out[digits / 2] = (unsigned char)(digits % 2 == 0 ? digit << 4 : out[digits / 2] | digit);
        digits++;
    }
    return (digits + 1) / 2;
}

static size_t literal_string(Octets text, unsigned char *out, size_t most) {
    static const char letters[] = "nrtbf", meant[] = "\n\r\t\b\f";
    size_t length = 0;
    for (size_t i = 1; i + 1 < text.length && length < most; i++) {
        unsigned char c = text.at[i];
        if (c == '\\' && i + 2 < text.length) {
            c = text.at[++i];
            const char *letter = strchr(letters, c);
            if (c >= '0' && c <= '7') {
                unsigned octal = 0, digits = 0;
                for (; digits < 3 && i + 1 < text.length && text.at[i] >= '0' && text.at[i] <= '7'; digits++, i++)
                    octal = octal * 8 + text.at[i] - '0';
                i--;
                c = (unsigned char)octal;
            } else if (c != 0 && letter != NULL) {
                c = (unsigned char)meant[letter - letters];
            } else if (c == '\n' || c == '\r') {
                i += c == '\r' && text.at[i + 1] == '\n';
                continue;
            }
        }
        out[length++] = c;
    }
    return length;
}

size_t pdf_string(Octets text, unsigned char *out, size_t most) {
    if (text.length < 2)
        return 0;
    return text.at[0] == '<' ? hex_string(text, out, most) : text.at[0] == '(' ? literal_string(text, out, most) : 0;
}

static bool digest(const EVP_MD *kind, const void *data, size_t length, unsigned char *out) {
    return EVP_Digest(data, length, out, NULL, kind, NULL) == 1;
}

enum { VERIFIER = 48 }; /* /U and /O of revisions 5 and 6: a hash, its salt, the salt of the key */

/* Algorithm 2.B of ISO 32000-2 for an empty password; `more` is /U for the owner's, else of no length. */
static bool hash_revision_6(unsigned char key[64], Octets more) {
    size_t length = 32;
    for (unsigned round = 0; round < 1024; round++) {
        unsigned char input[64 * (64 + VERIFIER)], output[sizeof input + 16];
        int written = 0;
        for (unsigned i = 0; i < 64; i++) {
            memcpy(input + i * (length + more.length), key, length);
            memcpy(input + i * (length + more.length) + length, more.at, more.length);
        }
        EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
        bool done = cipher != NULL && EVP_EncryptInit_ex(cipher, EVP_aes_128_cbc(), NULL, key, key + 16) == 1 &&
                    EVP_CIPHER_CTX_set_padding(cipher, 0) == 1 &&
                    EVP_EncryptUpdate(cipher, output, &written, input, (int)(64 * (length + more.length))) == 1;
        EVP_CIPHER_CTX_free(cipher);
        if (!done || written != (int)(64 * (length + more.length)))
            return false;
        unsigned sum = 0;
        for (unsigned i = 0; i < 16; i++)
            sum += output[i];
        const EVP_MD *kind = sum % 3 == 0 ? EVP_sha256() : sum % 3 == 1 ? EVP_sha384() : EVP_sha512();
        length = sum % 3 == 0 ? 32 : sum % 3 == 1 ? 48 : 64;
        if (!digest(kind, output, (size_t)written, key))
            return false;
        if (round >= 63 && output[written - 1] <= round + 1 - 32)
            return true;
    }
    return false;
}

/* Revisions 5 and 6: the empty password opens when the hash of the validation salt is what the verifier begins with. */
static bool opens_revision_5_or_6(const unsigned char *verifier, Octets more, bool six) {
    unsigned char key[64], salted[8 + VERIFIER];
    memcpy(salted, verifier + 32, 8);
    memcpy(salted + 8, more.at, more.length);
    if (!digest(EVP_sha256(), salted, 8 + more.length, key) || (six && !hash_revision_6(key, more)))
        return true;
    return memcmp(key, verifier, 32) == 0;
}

static void rc4(const unsigned char *key, size_t key_length, unsigned char *data, size_t length) {
    unsigned char state[256], a = 0, b = 0;
    for (unsigned i = 0; i < 256; i++)
        state[i] = (unsigned char)i;
    for (unsigned i = 0, j = 0; i < 256; i++) {
        j = (j + state[i] + key[i % key_length]) & 0xff;
        unsigned char swap = state[i];
        state[i] = state[j];
        state[j] = swap;
    }
    for (size_t i = 0; i < length; i++) {
        b = (unsigned char)(b + state[++a]);
        unsigned char swap = state[a];
        state[a] = state[b];
        state[b] = swap;
        data[i] ^= state[(unsigned char)(state[a] + state[b])];
    }
}

typedef struct {
    unsigned char owner[STRING_MAX + 1], user[STRING_MAX + 1], id[STRING_MAX + 1];
    size_t owner_length, user_length, id_length;
    long long version, revision, permissions;
} Encrypt;

static const unsigned char padding[32] = {0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e,
                                          0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68,
                                          0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a};

/* Revision 4: algorithms 2 and 5 for an empty password. */
static bool opens_revision_4(const Encrypt *encrypt) {
    unsigned char input[32 + 32 + 4 + STRING_MAX], key[16], check[16];
    uint32_t permissions = (uint32_t)encrypt->permissions;
    memcpy(input, padding, 32);
    memcpy(input + 32, encrypt->owner, 32);
    for (int i = 0; i < 4; i++)
        input[64 + i] = (unsigned char)(permissions >> (8 * i));
    memcpy(input + 68, encrypt->id, encrypt->id_length);
    bool made = digest(EVP_md5(), input, 68 + encrypt->id_length, key);
    for (int i = 0; i < 50 && made; i++)
        made = digest(EVP_md5(), key, sizeof key, key);
    memcpy(input + 32, encrypt->id, encrypt->id_length);
    made = made && digest(EVP_md5(), input, 32 + encrypt->id_length, check);
    for (unsigned i = 0; i < 20; i++) {
        unsigned char round[16];
        for (size_t j = 0; j < sizeof round; j++)
            round[j] = (unsigned char)(key[j] ^ i);
        rc4(round, sizeof round, check, sizeof check);
    }
    return !made || memcmp(check, encrypt->user, sizeof check) == 0;
}

/* Both filters are one that encrypts with AES, and metadata is not left out. */
static bool uses_aes(Octets dictionary, const Encrypt *encrypt) {
    Octets filters, streams, strings, filter, method, metadata;
    char name[64];
    if (!pdf_get(dictionary, "/CF", &filters) || !pdf_get(dictionary, "/StmF", &streams) ||
        !pdf_get(dictionary, "/StrF", &strings) || streams.length != strings.length || streams.length >= sizeof name ||
        memcmp(streams.at, strings.at, streams.length) != 0 || is(streams, "/Identity"))
        return false;
    if (pdf_get(dictionary, "/EncryptMetadata", &metadata) && !is(metadata, "true"))
        return false;
    memcpy(name, streams.at, streams.length);
    name[streams.length] = '\0';
    return pdf_get(filters, name, &filter) && pdf_get(filter, "/CFM", &method) &&
           is(method, encrypt->version == 4 ? "/AESV2" : "/AESV3");
}

static bool read_encrypt(Octets dictionary, Octets trailer, Encrypt *encrypt) {
    Octets owner, user, handler, ids;
    if (!get_number(dictionary, "/V", &encrypt->version) || !get_number(dictionary, "/R", &encrypt->revision) ||
        !get_number(dictionary, "/P", &encrypt->permissions) || !pdf_get(dictionary, "/O", &owner) ||
        !pdf_get(dictionary, "/U", &user) || !pdf_get(dictionary, "/Filter", &handler) || !is(handler, "/Standard"))
        return false;
    encrypt->owner_length = pdf_string(owner, encrypt->owner, STRING_MAX);
    encrypt->user_length = pdf_string(user, encrypt->user, STRING_MAX);
    if (pdf_get(trailer, "/ID", &ids)) {
        pdf_token(&ids); /* [ */
        encrypt->id_length = pdf_string(pdf_token(&ids), encrypt->id, STRING_MAX);
    }
    return true;
}

ContentVerdict container_pdf(Octets file) {
    Octets trailer, reference, dictionary;
    Encrypt encrypt = {.version = 0};
    if (!find_trailer(file, &trailer) || !pdf_get(trailer, "/Encrypt", &reference))
        return CONTENT_CLEAR;
    if (begins(reference, "<<"))
        dictionary = reference;
    else if (!find_object(file, reference, &dictionary))
        return CONTENT_BROKEN;
    if (!read_encrypt(dictionary, trailer, &encrypt) || !uses_aes(dictionary, &encrypt))
        return CONTENT_BROKEN;
    bool four =
        encrypt.version == 4 && encrypt.revision == 4 && encrypt.user_length >= 32 && encrypt.owner_length >= 32;
    bool later = encrypt.version == 5 && (encrypt.revision == 5 || encrypt.revision == 6) &&
                 encrypt.user_length >= VERIFIER && encrypt.owner_length >= VERIFIER;
    if (!four && !later)
        return CONTENT_BROKEN;
    bool six = encrypt.revision == 6;
    bool opens = four ? opens_revision_4(&encrypt)
                      : opens_revision_5_or_6(encrypt.user, (Octets){encrypt.user, 0}, six) ||
                            opens_revision_5_or_6(encrypt.owner, (Octets){encrypt.user, VERIFIER}, six);
    Octets rest = dictionary, whole = value(&rest);
    return opens || pdf_has_clear_stream(file) || pdf_has_words(file, whole) ? CONTENT_BROKEN : CONTENT_ENCRYPTED;
}
