/* SPDX-License-Identifier: Apache-2.0 */
/* Most of the two thousand names are made by rule (a letter and its accent, an alphabet in order); the table is filled
 * by these rules once. Arrows and operators, of which no word is made, are left out and stay as they are written. */
#include "message/entities.h"

enum { NAME_MAX_BYTES = 32 };

/* 160 to 255, in their order: the only names that browsers read without a semicolon, but for five in ASCII. */
static const char latin1[] =
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute "
    "micro "
    "para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil "
    "Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave "
    "Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml "
    "igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute "
    "thorn yuml";

/* Alphabets in the order of their code points; '-' is a gap. */
static const struct {
    gunichar first;
    const char *names;
} alphabets[] = {
    {160, latin1},
    {0x391,
     "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon "
     "Phi Chi Psi Omega"},
    {0x3B1, "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau "
            "upsilon phi chi psi omega"},
    {0x401,
     "IOcy DJcy GJcy Jukcy DScy Iukcy YIcy Jsercy LJcy NJcy TSHcy KJcy - Ubrcy DZcy Acy Bcy Vcy Gcy Dcy IEcy ZHcy "
     "Zcy Icy Jcy Kcy Lcy Mcy Ncy Ocy Pcy Rcy Scy Tcy Ucy Fcy KHcy TScy CHcy SHcy SHCHcy HARDcy Ycy SOFTcy Ecy "
     "YUcy YAcy acy bcy vcy gcy dcy iecy zhcy zcy icy jcy kcy lcy mcy ncy ocy pcy rcy scy tcy ucy fcy khcy tscy "
     "chcy shcy shchcy hardcy ycy softcy ecy yucy yacy - iocy djcy gjcy jukcy dscy iukcy yicy jsercy ljcy njcy "
     "tshcy kjcy - ubrcy dzcy"},
    {0x2002,
     "ensp emsp emsp13 emsp14 - numsp puncsp thinsp hairsp ZeroWidthSpace zwnj zwj lrm rlm hyphen - - ndash mdash "
     "horbar Verbar - lsquo rsquo sbquo - ldquo rdquo bdquo - dagger Dagger bull - - nldr hellip"},
    {0x2060, "NoBreak ApplyFunction InvisibleTimes InvisibleComma"},
    {0xFB00, "fflig filig fllig ffilig ffllig"},
};

static const struct {
    const char *name;
    gunichar c;
} others[] = {
    {"amp", '&'},
    {"lt", '<'},
    {"gt", '>'},
    {"quot", '"'},
    {"AMP", '&'},
    {"LT", '<'},
    {"GT", '>'},
    {"QUOT", '"'},
    {"apos", '\''},
    {"COPY", 0xA9},
    {"REG", 0xAE},
    {"Tab", '\t'},
    {"NewLine", '\n'},
    {"excl", '!'},
    {"num", '#'},
    {"dollar", '$'},
    {"percnt", '%'},
    {"lpar", '('},
    {"rpar", ')'},
    {"ast", '*'},
    {"midast", '*'},
    {"plus", '+'},
    {"comma", ','},
    {"period", '.'},
    {"sol", '/'},
    {"colon", ':'},
    {"semi", ';'},
    {"equals", '='},
    {"quest", '?'},
    {"commat", '@'},
    {"lsqb", '['},
    {"lbrack", '['},
    {"bsol", '\\'},
    {"rsqb", ']'},
    {"rbrack", ']'},
    {"Hat", '^'},
    {"lowbar", '_'},
    {"UnderBar", '_'},
    {"grave", '`'},
    {"DiacriticalGrave", '`'},
    {"lcub", '{'},
    {"lbrace", '{'},
    {"verbar", '|'},
    {"vert", '|'},
    {"VerticalLine", '|'},
    {"rcub", '}'},
    {"rbrace", '}'},
    {"dash", 0x2010},
    {"OElig", 0x152},
    {"oelig", 0x153},
    {"IJlig", 0x132},
    {"ijlig", 0x133},
    {"Lstrok", 0x141},
    {"lstrok", 0x142},
    {"Dstrok", 0x110},
    {"dstrok", 0x111},
    {"Hstrok", 0x126},
    {"hstrok", 0x127},
    {"Tstrok", 0x166},
    {"tstrok", 0x167},
    {"Lmidot", 0x13F},
    {"lmidot", 0x140},
    {"napos", 0x149},
    {"kgreen", 0x138},
    {"imath", 0x131},
    {"inodot", 0x131},
    {"jmath", 0x237},
    {"ENG", 0x14A},
    {"eng", 0x14B},
    {"ell", 0x2113},
    {"fnof", 0x192},
    {"circ", 0x2C6},
    {"tilde", 0x2DC},
    {"thetasym", 0x3D1},
    {"upsih", 0x3D2},
    {"piv", 0x3D6},
    {"epsi", 0x3B5},
    {"epsiv", 0x3F5},
    {"ohm", 0x3A9},
    {"NonBreakingSpace", 0xA0},
    {"ThinSpace", 0x2009},
    {"VeryThinSpace", 0x200A},
    {"MediumSpace", 0x205F},
    {"NegativeVeryThinSpace", 0x200B},
    {"NegativeThinSpace", 0x200B},
    {"NegativeMediumSpace", 0x200B},
    {"NegativeThickSpace", 0x200B},
    {"ThickSpace", 0x205F},
    {"af", 0x2061},
    {"it", 0x2062},
    {"ic", 0x2063},
    {"OpenCurlyQuote", 0x2018},
    {"CloseCurlyQuote", 0x2019},
    {"rsquor", 0x2019},
    {"lsquor", 0x201A},
    {"OpenCurlyDoubleQuote", 0x201C},
    {"CloseCurlyDoubleQuote", 0x201D},
    {"rdquor", 0x201D},
    {"ldquor", 0x201E},
    {"mldr", 0x2026},
    {"bullet", 0x2022},
    {"prime", 0x2032},
    {"Prime", 0x2033},
    {"lsaquo", 0x2039},
    {"rsaquo", 0x203A},
    {"permil", 0x2030},
    {"frasl", 0x2044},
    {"euro", 0x20AC},
    {"trade", 0x2122},
    {"TRADE", 0x2122},
    {"numero", 0x2116},
    {"minus", 0x2212},
    {"larr", 0x2190},
    {"rarr", 0x2192},
    {"ee", 'e'},
    {"exponentiale", 'e'},
    {"ExponentialE", 'e'},
    {"ii", 'i'},
    {"ImaginaryI", 'i'},
    {"dd", 'd'},
    {"DD", 'D'},
    {"planckh", 'h'},
    {"complexes", 'C'},
    {"naturals", 'N'},
    {"primes", 'P'},
    {"rationals", 'Q'},
    {"reals", 'R'},
    {"real", 'R'},
    {"realine", 'R'},
    {"integers", 'Z'},
    {"image", 'I'},
    {"bernou", 'B'},
    {"Bernoullis", 'B'},
    {"hamilt", 'H'},
    {"lagran", 'L'},
    {"Laplacetrf", 'L'},
    {"Mellintrf", 'M'},
    {"Fouriertrf", 'F'},
    {"zeetrf", 'Z'},
    {"order", 'o'},
    {"oscr", 'o'},
};

/* A letter and one of these names it with that accent. */
static const struct {
    const char *name;
    gunichar mark;
} accents[] = {
    {"grave", 0x300}, {"acute", 0x301}, {"circ", 0x302}, {"tilde", 0x303}, {"macr", 0x304},
    {"breve", 0x306}, {"dot", 0x307},   {"uml", 0x308},  {"ring", 0x30A},  {"dblac", 0x30B},
    {"caron", 0x30C}, {"cedil", 0x327}, {"ogon", 0x328},
};

static GHashTable *table; /* char * to gunichar; by one thread, as all of this module */

static void add(const char *name, size_t length, gunichar c) {
    g_hash_table_insert(table, g_strndup(name, length), GUINT_TO_POINTER(c));
}

static void add_alphabet(gunichar c, const char *names) {
    for (const char *at = names; *at != '\0'; c++) {
        size_t length = strcspn(at, " ");
        if (*at != '-')
            add(at, length, c);
        at += length + (at[length] == ' ');
    }
}

static void add_letter(char letter) {
    static const char *const faces[] = {"opf", "scr", "fr"}; /* double-struck, script, Fraktur: the same letters */
    char name[16];
    for (size_t i = 0; i < G_N_ELEMENTS(faces); i++) {
        g_snprintf(name, sizeof name, "%c%s", letter, faces[i]);
        add(name, strlen(name), (gunichar)letter);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(accents); i++) {
        gunichar composed;
        g_snprintf(name, sizeof name, "%c%s", letter, accents[i].name);
        if (g_unichar_compose((gunichar)letter, accents[i].mark, &composed))
            add(name, strlen(name), composed);
    }
}

static void make_table(void) {
    table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (char letter = 'A'; letter <= 'z'; letter++)
        if (g_ascii_isalpha(letter))
            add_letter(letter);
    for (size_t i = 0; i < G_N_ELEMENTS(alphabets); i++)
        add_alphabet(alphabets[i].first, alphabets[i].names);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        add(others[i].name, strlen(others[i].name), others[i].c);
}

static gunichar by_name(const char *name, size_t length) {
    char key[NAME_MAX_BYTES + 1];
    if (table == NULL)
        make_table();
    memcpy(key, name, length);
    key[length] = '\0';
    return GPOINTER_TO_UINT(g_hash_table_lookup(table, key));
}

static void put(gunichar c, char text[ENTITY_BYTES]) {
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = 0xFFFD;
    text[g_unichar_to_utf8(c == 0xA0 ? ' ' : c, text)] = '\0';
}

/* Pages written for Windows count on it. */
static gunichar as_windows_means(gunichar c) {
    static const guint16 meant[32] = {0x20AC, 0,      0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                      0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0,      0x17D,  0,
                                      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                      0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0,      0x17E,  0x178};
    return c >= 0x80 && c < 0xA0 && meant[c - 0x80] != 0 ? meant[c - 0x80] : c;
}

static size_t read_number(const char *at, const char *end, char text[ENTITY_BYTES]) {
    const char *digit = at + 2;
    bool hex = digit < end && (*digit == 'x' || *digit == 'X');
    digit += hex;
    const char *first = digit;
    gunichar c = 0;
    for (; digit < end && (hex ? g_ascii_isxdigit(*digit) : g_ascii_isdigit(*digit)); digit++)
        c = MIN(c * (hex ? 16 : 10) + (gunichar)g_ascii_xdigit_value(*digit), 0x110000);
    if (digit == first)
        return 0;
    put(as_windows_means(c), text);
    return (size_t)(digit - at) + (digit < end && *digit == ';');
}

size_t entity_read(const char *at, const char *end, char text[ENTITY_BYTES]) {
    if (end - at >= 3 && at[1] == '#')
        return read_number(at, end, text);
    const char *name = at + 1;
    size_t length = 0;
    while (length < NAME_MAX_BYTES && name + length < end && g_ascii_isalnum(name[length]))
        length++;
    bool closed = name + length < end && name[length] == ';';
    gunichar c = length > 0 && closed ? by_name(name, length) : 0;
    if (c != 0) {
        put(c, text);
        return length + 2;
    }
    if (closed && length == 5 && memcmp(name, "fjlig", 5) == 0) {
        g_strlcpy(text, "fj", ENTITY_BYTES);
        return 7;
    }
    /* Without a semicolon the longest of the old names counts. */
    for (length = MIN(length, 6); length >= 2; length--) {
        c = by_name(name, length);
        if ((c >= 0xA0 && c <= 0xFF) || (c < 0x80 && (c == '&' || c == '<' || c == '>' || c == '"'))) {
            put(c, text);
            return length + 1;
        }
    }
    return 0;
}
