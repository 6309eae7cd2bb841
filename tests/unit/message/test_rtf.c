/* SPDX-License-Identifier: Apache-2.0 */
/* Rich text with all that Word would show or keep of it. */
#include "pack.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const struct {
    const char *rtf, *text;
    bool tracked, comments, hidden;
    const char *authors, *why;
} rtf_cases[] = {
    {"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}Dear Nora,\\par con\\b fid\\b0 ential\\par}", "Dear Nora,\nconfidential\n",
     false, false, false, "", ""},
    {"{\\rtf1\\ansi\\ansicpg1252 Gr\\'fc\\'dfe \\u8364?5}",
     "Gr\xc3\xbc\xc3\x9f"
     "e \xe2\x82\xac"
     "5",
     false, false, false, "", ""},
    {"{\\rtf1{\\upr{a}{\\*\\ud{b}}}{\\*\\do{\\dptxbxtext box}}{\\*\\formfield{\\*\\ffdeftext form}}}", "abboxform",
     false, false, false, "", ""},
    {"{\\rtf1{\\fonttbl{\\f0\\fcharset204 Arial;}}\\f0 \\'ef\\'f0}", "\xd0\xbf\xd1\x80", false, false, false, "", ""},
    {"{\\rtf1 \\uc2\\u-10179??\\u-8704??x}", "\xf0\x9f\x98\x80x", false, false, false, "", ""},
    {"{\\rtf1{\\info{\\author Alice}{\\operator Bob}{\\*\\company Aldous}{\\title Offer}{\\nofpages3}}x}", "Offerx",
     false, false, false, "Alice|Bob|Aldous", ""},
    {"{\\rtf1{\\*\\revtbl{Unknown;}{Eve;}}{\\revised\\revauth1 new}{\\deleted old}}", "newold", true, false, false,
     "Eve", ""},
    {"{\\rtf1 a{\\v unseen}b{\\*\\atnauthor Dan}{\\*\\annotation why?}}", "aunseenbwhy?", false, true, true, "Dan", ""},
    {"{\\rtf1 a{\\*\\unknown b{c}}{\\pict 4142}{\\*\\shpinst{\\sp{\\sn x}{\\sv y}}{\\shptxt box}}}", "abox", false,
     false, false, "", ""},
    {"{\\rtf1 a{\\*\\unknown bold{move}}b{\\*\\themedata 504b0304140006000800000021e9de0fbfff0000}}",
     "a\nboldmove\nb", false, false, false, "", ""},
    {"{\\rtf1 a{\\shp{\\*\\shpinst{\\sp{\\sn wzDescription}{\\sv a quay}}}}}", "a\nwzDescription\na quay\n", false,
     false, false, "", ""},
    {"{\\rtf1 a{\\*\\userprops{\\propname case}\\proptype30{\\staticval quay}}}", "a\ncase\nquay\n", false, false,
     false, "", ""},
    {"{\\rtf1 a{\\*\\docvar {b}{quay}}{\\*\\bkmkstart lease}}", "a\nquay\nlease\n", false, false, false, "", ""},
    {"{\\rtf1 a{\\*\\docvar {b}{4539148803436467}}}", "a\n4539148803436467\n", false, false, false, "", ""},
    {"{\\rtf1 a\\bin5 leaseb}", "a\nlease\nb", false, false, false, "", ""},
    {"{\\rtf1 a{\\pict\\bin4 quay}b}", "ab", false, false, false, "", ""},
    {"{\\rtf1 a\\bin4 }}}}b}", "a\nb", false, false, false, "", ""},
    {"{\\rtf1 a{\\object{\\*\\objdata 0105}{\\result shown}}}", "ashown", false, false, false, "", "embedded"},
};

static void rich_text_is_read_with_its_authors_and_changes(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(rtf_cases); i++) {
        g_autoptr(Facts) facts = read_attached("a.rtf", "application/rtf", rtf_cases[i].rtf, strlen(rtf_cases[i].rtf));
        const AttachmentFact *fact = attached(facts);
        g_autofree char *authors = joined_texts(fact->authors);
        if (strcmp(fact->text, rtf_cases[i].text) != 0 || strcmp(fact->why, rtf_cases[i].why) != 0)
            fail_msg("%s: \"%s\" (%s)", rtf_cases[i].rtf, fact->text, fact->why);
        assert_int_equal(fact->tracked_changes, rtf_cases[i].tracked);
        assert_int_equal(fact->comments, rtf_cases[i].comments);
        assert_int_equal(fact->hidden, rtf_cases[i].hidden);
        assert_string_equal(authors, rtf_cases[i].authors);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rich_text_is_read_with_its_authors_and_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
