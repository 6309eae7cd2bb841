/* SPDX-License-Identifier: Apache-2.0 */
/* Programs open a file by its first bytes, or by its name and then its bytes; so do we. */
#include "message/kind.h"
#include "crypto/compound.h"

enum { SNIFFED = 4096, PDF_WITHIN = 1024 };

typedef struct {
    size_t offset, length;
    const char *magic;
    Kind kind;
} Magic;

#define AT(OFFSET, BYTES, TYPE, FORM)                                                                                  \
    {                                                                                                                  \
        OFFSET, sizeof BYTES - 1, BYTES, {                                                                             \
            TYPE, FORM                                                                                                 \
        }                                                                                                              \
    }

static const Magic magics[] = {
    AT(0, "PK\x03\x04", "application/zip", FORM_ZIP),
    AT(0, "PK\x05\x06", "application/zip", FORM_ZIP),
    AT(0, "PK\x07\x08", "application/zip", FORM_ZIP),
    AT(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", FORM_COMPOUND),
    AT(0, "{\\rt", "application/rtf", FORM_RTF),
    AT(0, "\x1f\x8b", "application/gzip", FORM_ARCHIVE),
    AT(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", FORM_ARCHIVE),
    AT(0, "Rar!\x1a\x07", "application/vnd.rar", FORM_ARCHIVE),
    AT(0, "BZh", "application/x-bzip2", FORM_ARCHIVE),
    AT(0,
       "\xfd"
       "7zXZ\0",
       "application/x-xz", FORM_ARCHIVE),
    AT(0, "\x28\xb5\x2f\xfd", "application/zstd", FORM_ARCHIVE),
    AT(0, "\x04\x22\x4d\x18", "application/x-lz4", FORM_ARCHIVE),
    AT(0, "\x1f\x9d", "application/x-compress", FORM_ARCHIVE),
    AT(0, "LZIP", "application/x-lzip", FORM_ARCHIVE),
    AT(0, "MSCF\0\0\0\0", "application/vnd.ms-cab-compressed", FORM_ARCHIVE),
    AT(2, "-lh", "application/x-lzh-compressed", FORM_ARCHIVE),
    AT(0, "!<arch>\n", "application/x-archive", FORM_ARCHIVE),
    AT(0, "070701", "application/x-cpio", FORM_ARCHIVE),
    AT(0, "070702", "application/x-cpio", FORM_ARCHIVE),
    AT(0, "070707", "application/x-cpio", FORM_ARCHIVE),
    AT(0, "xar!", "application/x-xar", FORM_ARCHIVE),
    AT(257, "ustar", "application/x-tar", FORM_ARCHIVE),
    AT(32769, "CD001", "application/x-iso9660-image", FORM_ARCHIVE),
    AT(0, "\x89PNG\r\n\x1a\n", "image/png", FORM_MEDIA),
    AT(0, "\xff\xd8\xff", "image/jpeg", FORM_MEDIA),
    AT(0, "GIF8", "image/gif", FORM_MEDIA),
    AT(0, "II*\0", "image/tiff", FORM_MEDIA),
    AT(0, "MM\0*", "image/tiff", FORM_MEDIA),
    AT(8, "WEBP", "image/webp", FORM_MEDIA),
    AT(0, "8BPS", "image/vnd.adobe.photoshop", FORM_MEDIA),
    AT(0, "\0\0\1\0", "image/vnd.microsoft.icon", FORM_MEDIA),
    AT(0, "\xd7\xcd\xc6\x9a", "image/wmf", FORM_MEDIA),
    AT(0, "\1\0\x09\0\0\3", "image/wmf", FORM_MEDIA),
    AT(40, " EMF\0\0\1\0", "image/emf", FORM_MEDIA),
    AT(4, "ftypheic", "image/heic", FORM_MEDIA),
    AT(4, "ftypmif1", "image/heic", FORM_MEDIA),
    AT(4, "ftypavif", "image/avif", FORM_MEDIA),
    AT(4, "ftypM4A", "audio/mp4", FORM_MEDIA),
    AT(4, "ftyp", "video/mp4", FORM_MEDIA),
    AT(4, "jP  \r\n\x87\n", "image/jp2", FORM_MEDIA),
    AT(0, "ID3", "audio/mpeg", FORM_MEDIA),
    AT(0, "\xff\xfb", "audio/mpeg", FORM_MEDIA),
    AT(0, "\xff\xf3", "audio/mpeg", FORM_MEDIA),
    AT(8, "WAVEfmt", "audio/x-wav", FORM_MEDIA),
    AT(0, ".snd", "audio/basic", FORM_MEDIA),
    AT(0, "OggS", "audio/ogg", FORM_MEDIA),
    AT(0, "fLaC", "audio/flac", FORM_MEDIA),
    AT(0, "MThd", "audio/midi", FORM_MEDIA),
    AT(0, "#!AMR", "audio/amr", FORM_MEDIA),
    AT(8, "AVI LIST", "video/x-msvideo", FORM_MEDIA),
    AT(0, "\x1a\x45\xdf\xa3", "video/x-matroska", FORM_MEDIA),
    AT(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf", FORM_MEDIA),
    AT(0, "\0\0\1\xba", "video/mpeg", FORM_MEDIA),
    AT(0, "\0\0\1\xb3", "video/mpeg", FORM_MEDIA),
    AT(0, "wOFF", "font/woff", FORM_MEDIA),
    AT(0, "wOF2", "font/woff2", FORM_MEDIA),
    AT(0, "OTTO", "font/otf", FORM_MEDIA),
    AT(0, "\0\1\0\0\0", "font/ttf", FORM_MEDIA),
    AT(0, "MZ", "application/vnd.microsoft.portable-executable", FORM_OTHER),
    AT(0, "\177ELF", "application/x-executable", FORM_OTHER),
    AT(0, "\xcf\xfa\xed\xfe", "application/x-mach-binary", FORM_OTHER),
    AT(0, "\xca\xfe\xba\xbe", "application/java-vm", FORM_OTHER),
    AT(0, "L\0\0\0\1\x14\2\0", "application/x-ms-shortcut", FORM_OTHER),
    AT(0, "ITSF", "application/vnd.ms-htmlhelp", FORM_OTHER),
    AT(0, "%!PS", "application/postscript", FORM_OTHER),
    AT(0, "\x78\x9f\x3e\x22", "application/ms-tnef", FORM_OTHER),
    AT(0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote", FORM_OTHER),
    AT(0, "SQLite format 3\0", "application/vnd.sqlite3", FORM_OTHER),
    AT(4, "Standard Jet DB", "application/vnd.ms-access", FORM_OTHER),
    AT(4, "Standard ACE DB", "application/vnd.ms-access", FORM_OTHER),
    AT(0, "!BDN", "application/vnd.ms-outlook-pst", FORM_OTHER),
    AT(0, "\xffWPC", "application/vnd.wordperfect", FORM_OTHER),
    AT(0, "AC10", "image/vnd.dwg", FORM_OTHER),
};

static bool has_magic(Slice data, const Magic *magic) {
    return data.length >= magic->offset + magic->length &&
           memcmp(data.at + magic->offset, magic->magic, magic->length) == 0;
}

/* Old Office, told apart by what its streams are called. */
static Kind kind_of_compound(Slice data) {
    static const struct {
        const char *stream, *type;
    } rows[] = {
        {"WordDocument", "application/msword"},
        {"Workbook", "application/vnd.ms-excel"},
        {"Book", "application/vnd.ms-excel"},
        {"PowerPoint Document", "application/vnd.ms-powerpoint"},
        {"__properties_version1.0", "application/vnd.ms-outlook"},
        {"VisioDocument", "application/vnd.visio"},
        {"EncryptedPackage", "application/x-ole-encrypted"},
        {"PROJECT", "application/vnd.ms-office.vbaproject"},
    };
    g_autoptr(Compound) compound = compound_open((Octets){(const unsigned char *)data.at, data.length});
    CompoundEntry entry;
    for (unsigned i = 0; compound != NULL && i < 256 && compound_entry(compound, i, &entry); i++)
        for (size_t row = 0; row < G_N_ELEMENTS(rows); row++)
            if (entry.stream && strcmp(entry.name, rows[row].stream) == 0)
                return (Kind){rows[row].type, FORM_COMPOUND};
    return (Kind){"application/x-ole-storage", FORM_COMPOUND};
}

/* ---- text ---- */

static bool is_utf16(Slice data) {
    return data.length >= 2 && (memcmp(data.at, "\xff\xfe", 2) == 0 || memcmp(data.at, "\xfe\xff", 2) == 0);
}

/* Text in some charset has no control characters but white space; the little that is looked at tells. */
static bool is_text(Slice data) {
    if (is_utf16(data))
        return data.length % 2 == 0;
    for (size_t i = 0; i < MIN(data.length, SNIFFED); i++) {
        unsigned char c = (unsigned char)data.at[i];
        if ((c < 0x20 && !g_ascii_isspace((char)c) && c != '\f' && c != 0x1b && c != '\b') || c == 0x7f)
            return false;
    }
    return true;
}

static Slice skip_blank(Slice data) {
    if (data.length >= 3 && memcmp(data.at, "\xef\xbb\xbf", 3) == 0)
        data = (Slice){data.at + 3, data.length - 3};
    while (data.length > 0 && g_ascii_isspace(data.at[0]))
        data = (Slice){data.at + 1, data.length - 1};
    return data;
}

static bool has_word(Slice data, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= MIN(data.length, SNIFFED); i++)
        if (g_ascii_strncasecmp(data.at + i, word, length) == 0)
            return true;
    return false;
}

/* A letter of its own: header lines, of which one is known. */
static bool is_mail(Slice data) {
    static const char *const fields[] = {
        "received:", "return-path:", "message-id:", "mime-version:", "delivered-to:", "x-",
        "from:",     "date:",        "subject:",    "to:",           "content-type:"};
    Slice line;
    unsigned known = 0;
    for (unsigned lines = 0; lines < 40 && slice_line(&data, &line) && line.length > 0; lines++) {
        bool folded = line.at[0] == ' ' || line.at[0] == '\t';
        if (!folded && memchr(line.at, ':', line.length) == NULL)
            return false;
        for (size_t i = 0; i < G_N_ELEMENTS(fields) && !folded; i++)
            known += slice_begins(line, fields[i]);
    }
    return known >= 3;
}

static Kind kind_of_markup(Slice data) {
    static const char *const tags[] = {"<html", "<head",   "<body", "<!doctype html", "<table",
                                       "<div",  "<script", "<meta", "<title",         "<style"};
    bool page = false;
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        page = page || slice_begins(data, tags[i]);
    if (page || ((slice_begins(data, "<!--") || slice_begins(data, "<?xml")) && has_word(data, "<html")))
        return (Kind){"text/html", FORM_HTML};
    if (has_word(data, "<svg"))
        return (Kind){"image/svg+xml", FORM_XML};
    if (slice_begins(data, "<?xml") || has_word(data, "xmlns"))
        return (Kind){"application/xml", FORM_XML};
    return (Kind){"text/plain", FORM_TEXT};
}

static Kind kind_of_text(Slice data) {
    static const struct {
        const char *begins;
        Kind kind;
    } rows[] = {
        {"BEGIN:VCALENDAR", {"text/calendar", FORM_TEXT}},
        {"BEGIN:VCARD", {"text/vcard", FORM_TEXT}},
        {"#!", {"text/x-script", FORM_TEXT}},
        {"-----BEGIN PGP PUBLIC KEY", {"application/pgp-keys", FORM_TEXT}},
        {"-----BEGIN PGP SIGNATURE", {"application/pgp-signature", FORM_TEXT}},
        {"-----BEGIN PGP MESSAGE", {"application/pgp-encrypted", FORM_OTHER}},
        {"-----BEGIN CERTIFICATE", {"application/x-pem-file", FORM_TEXT}},
    };
    Slice shown = skip_blank(data);
    if (shown.length > 0 && shown.at[0] == '<')
        return kind_of_markup(shown);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (slice_begins(shown, rows[i].begins))
            return rows[i].kind;
    if (is_mail(data))
        return (Kind){"message/rfc822", FORM_MAIL};
    return (Kind){"text/plain", FORM_TEXT};
}

/* Signs that ordinary words may begin with, too ("MZ Müller", "GIF8"): such a file is never all text, a letter is. */
static bool may_be_words(const Kind *kind) {
    return kind->form == FORM_MEDIA || strcmp(kind->type, "application/vnd.microsoft.portable-executable") == 0 ||
           strcmp(kind->type, "image/vnd.dwg") == 0 || strcmp(kind->type, "application/x-bzip2") == 0 ||
           strcmp(kind->type, "application/x-lzip") == 0 || strcmp(kind->type, "application/x-xar") == 0 ||
           strcmp(kind->type, "application/vnd.ms-htmlhelp") == 0 ||
           strcmp(kind->type, "application/x-lzh-compressed") == 0;
}

Kind kind_of(Slice data) {
    if (data.length == 0)
        return (Kind){"application/x-empty", FORM_EMPTY};
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
        if (has_magic(data, &magics[i]) && !(may_be_words(&magics[i].kind) && is_text(data)))
            return magics[i].kind.form == FORM_COMPOUND ? kind_of_compound(data) : magics[i].kind;
    if (data.length > 14 && memcmp(data.at, "BM", 2) == 0 && memcmp(data.at + 6, "\0\0\0\0", 4) == 0)
        return (Kind){"image/bmp", FORM_MEDIA};
    /* Readers of PDF forgive a kilobyte of anything before it. */
    if (memmem(data.at, MIN(data.length, PDF_WITHIN), "%PDF-", 5) != NULL)
        return (Kind){"application/pdf", FORM_PDF};
    if (is_text(data))
        return kind_of_text(data);
    return (Kind){"application/octet-stream", FORM_UNKNOWN};
}

/* ---- what a file says it is ---- */

enum {
    TEXT = 1 << 0,
    HTML = 1 << 1,
    XML = 1 << 2,
    RTF = 1 << 3,
    PDF = 1 << 4,
    ZIP = 1 << 5,
    DOC = 1 << 6,
    DOCX = 1 << 7,
    DOCM = 1 << 8,
    XLS = 1 << 9,
    XLSX = 1 << 10,
    XLSM = 1 << 11,
    PPT = 1 << 12,
    PPTX = 1 << 13,
    PPTM = 1 << 14,
    ODF = 1 << 15,
    IMAGE = 1 << 16,
    SOUND = 1 << 17,
    FILM = 1 << 18,
    ARCHIVE = 1 << 19,
    PROGRAM = 1 << 20,
    OUTLOOK = 1 << 21,
    SEALED = 1 << 22, /* new Office under encryption */
    MAIL = 1 << 23,
    ELSE = 1 << 24,
    OFFICE_ZIP = DOCX | DOCM | XLSX | XLSM | PPTX | PPTM | ODF,
};

typedef struct {
    const char *prefix;
    unsigned family;
} Family;

/* The first that begins so. */
static const Family kinds[] = {
    {"text/html", HTML},
    {"text/x-script", TEXT | PROGRAM},
    {"text/", TEXT},
    {"application/x-pem-file", TEXT},
    {"application/pgp-", TEXT},
    {"image/svg+xml", IMAGE | XML},
    {"image/", IMAGE},
    {"audio/mp4", SOUND | FILM},
    {"audio/", SOUND},
    {"video/", FILM | SOUND}, /* one wrapping serves both */
    {"message/", MAIL},
    {"application/pdf", PDF},
    {"application/rtf", RTF},
    {"application/xml", XML},
    {"application/zip", ZIP},
    {"application/msword", DOC},
    {"application/vnd.ms-excel.sheet.binary", XLSM},
    {"application/vnd.ms-excel.", XLSM},
    {"application/vnd.ms-excel", XLS},
    {"application/vnd.ms-powerpoint.", PPTM},
    {"application/vnd.ms-powerpoint", PPT},
    {"application/vnd.ms-word.", DOCM},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml", DOCX},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml", XLSX},
    {"application/vnd.openxmlformats-officedocument.presentationml", PPTX},
    {"application/vnd.oasis.opendocument", ODF},
    {"application/vnd.ms-outlook", OUTLOOK},
    {"application/x-ole-encrypted", SEALED},
    {"application/vnd.microsoft.portable-executable", PROGRAM},
    {"application/x-executable", PROGRAM},
    {"application/x-mach-binary", PROGRAM},
    {"application/java-vm", PROGRAM},
    {"application/x-ms-shortcut", PROGRAM},
    {"application/gzip", ARCHIVE},
    {"application/x-7z-compressed", ARCHIVE},
    {"application/vnd.rar", ARCHIVE},
    {"application/x-bzip2", ARCHIVE},
    {"application/x-xz", ARCHIVE},
    {"application/x-tar", ARCHIVE},
    {"application/x-ole-storage", DOC | XLS | PPT | OUTLOOK | ELSE},
    {"application/x-empty", ~0U},
    {"", ELSE},
};

enum {
    ANY_WORD = DOC | DOCX | RTF | SEALED,
    ANY_EXCEL = XLS | XLSX | SEALED,
    ANY_POINT = PPT | PPTX | SEALED,
    ANY_TEXT = TEXT | HTML | XML | MAIL,
    ANY_XML_ZIP = ZIP | OFFICE_ZIP
};

static const Family claimed_types[] = {
    {"text/html", ANY_TEXT},
    {"text/xml", ANY_TEXT | IMAGE},
    {"text/rtf", RTF},
    {"text/", ANY_TEXT},
    {"image/svg+xml", IMAGE},
    {"image/", IMAGE | ELSE},
    {"audio/", SOUND | FILM | ELSE},
    {"video/", FILM | ELSE},
    {"message/rfc822", MAIL | TEXT},
    {"application/pdf", PDF},
    {"application/x-pdf", PDF},
    {"application/rtf", RTF},
    {"application/xml", ANY_TEXT | IMAGE},
    {"application/zip", ANY_XML_ZIP},
    {"application/x-zip-compressed", ANY_XML_ZIP},
    {"application/msword", ANY_WORD},
    {"application/vnd.ms-word.", DOCM | SEALED},
    {"application/vnd.ms-excel.", XLSM | SEALED},
    {"application/vnd.ms-excel", ANY_EXCEL},
    {"application/vnd.ms-powerpoint.", PPTM | SEALED},
    {"application/vnd.ms-powerpoint", ANY_POINT},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml", DOCX | SEALED},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml", XLSX | SEALED},
    {"application/vnd.openxmlformats-officedocument.presentationml", PPTX | SEALED},
    {"application/vnd.oasis.opendocument", ODF | XML},
    {"application/vnd.ms-outlook", OUTLOOK},
    {"application/gzip", ARCHIVE},
    {"application/x-gzip", ARCHIVE},
    {"application/x-7z-compressed", ARCHIVE},
    {"application/vnd.rar", ARCHIVE},
    {"application/x-rar", ARCHIVE},
    {"application/x-tar", ARCHIVE},
};

static const Family claimed_names[] = {
    {".txt", ANY_TEXT},
    {".csv", TEXT},
    {".log", TEXT},
    {".htm", ANY_TEXT},
    {".html", ANY_TEXT},
    {".xml", ANY_TEXT},
    {".rtf", RTF},
    {".pdf", PDF},
    {".zip", ANY_XML_ZIP},
    {".doc", ANY_WORD},
    {".docx", DOCX | SEALED},
    {".dotx", DOCX | SEALED},
    {".docm", DOCM | SEALED},
    {".xls", ANY_EXCEL},
    {".xlsx", XLSX | SEALED},
    {".xlsm", XLSM | SEALED},
    {".xlsb", XLSM | SEALED},
    {".ppt", ANY_POINT},
    {".pptx", PPTX | SEALED},
    {".ppsx", PPTX | SEALED},
    {".pptm", PPTM | SEALED},
    {".odt", ODF},
    {".ods", ODF},
    {".odp", ODF},
    {".msg", OUTLOOK | MAIL | TEXT},
    {".eml", MAIL | TEXT},
    {".ics", TEXT},
    {".vcf", TEXT},
    {".png", IMAGE},
    {".jpg", IMAGE},
    {".jpeg", IMAGE},
    {".gif", IMAGE},
    {".bmp", IMAGE},
    {".tif", IMAGE},
    {".tiff", IMAGE},
    {".svg", IMAGE},
    {".heic", IMAGE},
    {".webp", IMAGE},
    {".mp3", SOUND},
    {".wav", SOUND},
    {".m4a", SOUND},
    {".mp4", FILM},
    {".mov", FILM},
    {".avi", FILM},
    {".gz", ARCHIVE},
    {".tgz", ARCHIVE},
    {".tar", ARCHIVE},
    {".7z", ARCHIVE},
    {".rar", ARCHIVE},
    {".bz2", ARCHIVE},
    {".xz", ARCHIVE},
};

static unsigned family_of(const char *kind) {
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_prefix(kind, kinds[i].prefix))
            return kinds[i].family;
    return ELSE;
}

bool kind_fits_type(const char *kind, const char *type) {
    for (size_t i = 0; i < G_N_ELEMENTS(claimed_types); i++)
        if (g_str_has_prefix(type, claimed_types[i].prefix))
            return (claimed_types[i].family & family_of(kind)) != 0;
    return true;
}

bool kind_fits_name(const char *kind, const char *name) {
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < G_N_ELEMENTS(claimed_names); i++)
        if (g_ascii_strcasecmp(dot, claimed_names[i].prefix) == 0)
            return (claimed_names[i].family & family_of(kind)) != 0;
    return true;
}
