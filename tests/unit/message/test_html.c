/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader of a page sees, what only stands beside it, and what was hidden from him. */
#include "message/entities.h"
#include "message/html.h"
#include "message/look.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

typedef struct {
    const char *html, *shown, *aside; /* lines end with ' / ' here; NULL: whatever */
    bool hidden;
} PageCase;

static const PageCase pages[] = {
    {"plain", "plain", "", false},
    {"con<b></b>fid<!-- x -->en<i>ti</i>al", "confidential", "x", false},
    {"con<wbr>fid<span class=x>ential</span>", "confidential", "", false},
    {"<p>a<p>b<div>c</div>d<br>e", "a / b / c / d / e", "", false},
    {"<table><tr><td>a<td>b<tr><td>c</table>", "a b / c", "", false},
    {"<ul><li>one<li>two</ul>", "one / two", "", false},
    {"a<blockquote>quoted<br>more</blockquote>b", "a / > quoted / > more / b", "", false},
    {"a<div class=\"gmail_quote\">On Monday:<div>old</div></div>b", "a / > On Monday: / > old / b", "", false},
    {"<pre>one\n two\nthree</pre>", "one / two / three", "", false},
    {"<script>var a = '<p>x';</script>y<style>p { color: red }</style>z", "yz", "var a = '<p>x';", false},
    {"a<script>never ends", "anever ends", "", false},
    {"a<style>p{}", "ap{}", "", false},
    {"a<!-->b", "ab", "", false},
    {"a<!--->b", "ab", "", false},
    {"a<!-- x --!>b", "ab", "x", false},
    {"a<!-- never ends > b", "a b", "never ends", false},
    {"a<!doctype html>b<?xml x?>c</ x>d", "abcd", "doctype html / xml x / x", false},
    {"a<? the word ?>b", "ab", "the word", false},
    {"a<!word>b", "ab", "word", false},
    /* Of what is a comment in HTML and text in SVG both readings are told. */
    {"<svg>a<![CDATA[b<i>]]>c</svg>", "a]]>c", "ab<i>c", true},
    {"a<![CDATA[b", "a", "ab", true},
    /* In these elements a browser knows no tags, and no comment that goes on behind them. */
    {"<title><!--</title>a<!-- -->b", "<!-- / ab", NULL, true},
    {"<title>x<!-- y -->z</title>a", "xz / a", "y", false},
    {"<textarea><!--</textarea>a<!-- -->b", "<!--ab", NULL, true},
    {"<TEXTAREA><b x='</textarea>a<b y='>b", "<b x='ab", NULL, true},
    {"<xmp><!--</xmp>a-->", "<!--a-->", NULL, true},
    {"<noscript><!--</noscript>a-->", "<!--a-->", NULL, true},
    {"a<plaintext><!-- b<i>c", "a<!-- b<i>c", NULL, true},
    {"<title><!-- a --> b", "b", "a", false},
    /* Where the end of a style is told in two ways. */
    {"<style></style x='> a <b y='>b", "b", "> a <b y=", false},
    {"<style>p:before { content: \"a\\62 c\" /**/ }</style>x", "x", "abc", false},
    {"<style>p { content: 'a'\n \"b\"; quotes: 'c\\'d' 'e }</style>x", "x", "ab / c'de }", false},
    /* Links that carry a text. */
    {"<a href='data:text/plain;base64,aGVsbG8gd29ybGQ='>x</a>", "x",
     "data:text/plain;base64,aGVsbG8gd29ybGQ= / hello world", false},
    {"<iframe src='data:text/html,he%6Cl<b></b>o'></iframe>", "",
     "data:text/html,he%6Cl<b></b>o / hell<b></b>o / hello", false},
    {"<a href='mailto:a@b.test?body=c%20d%zz'>x</a>", "x",
     "mailto:a@b.test?body=c%20d%zz / mailto:a@b.test?body=c d%zz", false},
    {"<img src='data:image/png;base64,iVBORw0KGgoAAAA='>", "", "", false},
    {"1 < 2 <3", "1 < 2 <3", "", false},
    {"a<b", "a", "", false},
    /* Attributes are kept aside, and no quote swallows the rest. */
    {"<a href='x>y' title=\"T&#105;p\">link</a>", "link", "x>y / Tip", false},
    {"<a \"unclosed>still</a>", "still", "", false},
    {"<a href=\"unclosed>still</a> here", "still here", "", false},
    {"<img src=x alt='Top secret'><input type=hidden value=v>a", "a", "Top secret / v", false},
    {"<a href=https://portal.test/?a=1&amp;b=2>x</a>", "x", "https://portal.test/?a=1&b=2", false},
    {"<p data-x='one' aria-description=two class=three>x", "x", "one / two", false},
    {"<iframe srcdoc='he<b></b>llo'></iframe>", "", "he<b></b>llo / hello", false},
    {"<svg><desc>one</desc><title>two</title><text>three</text></svg>", "one / two / three", "", false},
    {"<a a b c d e f g h i j k l m n o p q r s t u v w x z y=1 title='A &amp; B'>t</a>", "t", "z y=1 title='A & B'",
     false},
    /* Entities. */
    {"&#105;t &#x69;t &#000000000000000000000105;t &#105t", "it it it it", "", false},
    {"pri&shy;vi&zwnj;lege&ZeroWidthSpace;d",
     "pri\xc2\xadvi\xe2\x80\x8clege\xe2\x80\x8b"
     "d",
     "", false},
    {"pri&shyvilege &ampamp; &eacutet&eacute;", "pri\xc2\xadvilege &amp; été", "", false},
    {"&acy;&Bcy;&yacy; &IOcy; &alpha;&Omega; &Scaron;&zcaron;&lstrok;", "аБя Ё αΩ Šžł", "", false},
    {"&ascr;&Bopf;&cfr; &fjlig;&ffilig; &lpar;&commat;&period;&Tab;&nbsp;x", "aBc fjﬃ (@. x", "", false},
    {"&#128;&#150;&#0;&#xD800;&#x110000;&#99999999999;", "€–\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "",
     false},
    {"&;&#;&#x;&unknown;& &a", "&;&#;&#x;&unknown;& &a", "", false},
    /* What is hidden parts no word for the reader; without styles it is there. */
    {"pri<span style=\"display:none\">xx</span>vilege", "privilege", "prixxvilege", true},
    {"pri<div style='DISPLAY : None !important'>x<p>x</div>vilege", "privilege", "pri / x / x / vilege", true},
    {"a<span hidden>b</span>c", "ac", "abc", true},
    {"a<span style='display&#58;none'>b</span>c", "ac", "abc", true},
    {"a<span style='display:/**/none'>b</span>c", "ac", "abc", true},
    {"a<span style=font-size:0>b</span>c", "ac", "abc", true},
    {"a<div style='font-size:0px'>b<span style='font-size:14px'>c</span></div>", "a / c", "a / bc", true},
    {"a<span style='visibility:hidden'>b<i style='visibility:visible'>c</i></span>", "ac", "abc", true},
    {"a<span style='opacity:0'>b</span>", "a", "ab", true},
    {"a<div style='max-height:0;overflow:hidden'>b</div>", "a", "a / b", true},
    {"a<span style='color:#fff'>b</span>c", "ac", "abc", true},
    {"a<font color=white>b</font>c", "ac", "abc", true},
    {"a<span style='color:rgb(254,255,255)'>b</span>", "a", "ab", true},
    {"<table bgcolor='#112233'><td><span style='color:#fff'>b</span></table>", "b", "", false},
    {"<div style='background:url(x)'><span style='color:#fff'>b</span></div>", "b", "", false},
    {"<div style='background:#000;color:#010101'>b</div>", "", "b", true},
    {"<span style='position:absolute;left:-9999px'>b</span>c", "c", "bc", true},
    {"<style>.x, td.y { display: none } @media print { .z { display: none } }</style>a<i class='w x'>b</i><i "
     "class=z>c</i><i class=Y>d</i>",
     "ac", NULL, true},
    {"<style>@media screen { #n { color: white } } p:hover { display: none }</style>a<i id=n>b</i><p>c</p>", "a / c",
     NULL, true},
    {"<style>@media (max-width:600px) { .m { display:none } } @import 'x';</style><i class=m>b</i>", "b", "x", false},
    {"a<template>b</template>c", "ac", "abc", true},
    {"a<!--[if mso]>for <b>Outlook</b><![endif]-->c", "ac", "afor Outlookc", true},
    {"a<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]-->c", "ac", "", false},
    {"a<!--[if mso]>\n<style>td {x}</style> <xml></xml>\n<![endif]-->c", "ac", NULL, false},
    {"a<!--[if mso]><xml></xml>b<![endif]-->c", "ac", "abc", true},
    {"a<!--[if mso]><xml>b", "ab", "ab", true},
    {"a<![if !mso]>b<![endif]>c", "abc", "[if !mso] / [endif]", false},
    {"<span style='display:none'><span></span></span></span>b", "b", "", false},
};

static char *one_line(const GString *text) {
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text->str), "\n", -1);
    return g_strjoinv(" / ", lines);
}

static void a_page_shows_what_its_reader_sees(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(GString) beside = g_string_new(NULL);
        HtmlText text = {.shown = out, .max = 10000, .aside = beside};
        html_read((Slice){pages[i].html, strlen(pages[i].html)}, &text);
        g_autofree char *shown = one_line(out), *aside = one_line(beside);
        if (strcmp(shown, pages[i].shown) != 0 || (pages[i].aside != NULL && strcmp(aside, pages[i].aside) != 0) ||
            text.hidden != pages[i].hidden)
            fail_msg("%s: \"%s\", aside \"%s\", hidden %d", pages[i].html, shown, aside, text.hidden);
    }
}

static void writing_backwards_is_told(void **state) {
    static const char *const backwards[] = {"<bdo dir=rtl>terces</bdo>",
                                            "<i style='unicode-bidi:bidi-override;direction:rtl'>terces</i>"};
    static const char *const forwards[] = {"<p dir=rtl>x</p>", "<bdo dir=ltr>x</bdo>",
                                           "<i style='direction:rtl'>x</i>"};
    for (size_t i = 0; i < G_N_ELEMENTS(backwards) + G_N_ELEMENTS(forwards); i++) {
        bool back = i < G_N_ELEMENTS(backwards);
        const char *html = back ? backwards[i] : forwards[i - G_N_ELEMENTS(backwards)];
        g_autoptr(GString) out = g_string_new(NULL);
        HtmlText text = {.shown = out, .max = 100};
        html_read((Slice){html, strlen(html)}, &text);
        assert_int_equal(text.reversed, back);
    }
}

static void a_page_names_its_charset(void **state) {
    static const char *const cases[][2] = {
        {"<html><meta charset=\"koi8-r\">", "koi8-r"},
        {"<META http-equiv=Content-Type content='text/html; charset=utf-8'>", "utf-8"},
        {"<meta name=x><meta charset=big5>", "big5"},
        {"charset=x <meta", ""},
        {"<meta charset=", ""},
        {"", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Slice found = html_charset((Slice){cases[i][0], strlen(cases[i][0])});
        assert_true(slice_is(found, cases[i][1]));
    }
}

static void colours_are_read_as_people_write_them(void **state) {
    static const struct {
        const char *text;
        gint32 colour;
    } cases[] = {{"#fff", 0xFFFFFF},
                 {" White ", 0xFFFFFF},
                 {"#12345G", COLOUR_UNKNOWN},
                 {"#a1B2c3", 0xA1B2C3},
                 {"#a1b2c3ff", 0xA1B2C3},
                 {"rgb(1, 2,3)", 0x010203},
                 {"rgba(100%,0%,300,.5)", 0xFF00FF},
                 {"transparent", COLOUR_CLEAR},
                 {"inherit", COLOUR_UNKNOWN},
                 {"", COLOUR_UNKNOWN},
                 {"#", COLOUR_UNKNOWN}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(look_colour((Slice){cases[i].text, strlen(cases[i].text)}), cases[i].colour);
}

static char *page_of(const char *unit, bool tail, size_t length) {
    GString *html = g_string_new(tail ? "<!--" : "");
    while (html->len < length)
        g_string_append(html, unit);
    g_string_append(html, tail ? ">" : "");
    return g_string_free(html, FALSE);
}

static void cost_is_linear(void **state) {
    enum { MOST = 1 << 19 };
    static const char *const units[] = {"<a ",
                                        "<a b=\"",
                                        "<",
                                        "&",
                                        "&#1",
                                        "&a;",
                                        "<!--",
                                        "<!",
                                        "<div>",
                                        "</div>",
                                        "<p>",
                                        "</p>",
                                        "<li>",
                                        "<style>",
                                        "<style>a{",
                                        "<script>",
                                        "<b class='a b c d e f g h i j k l m n o p q'>",
                                        "&ampx",
                                        "--!",
                                        "<style>.a{display:none}</style>",
                                        "<i style='color:#fff'>x",
                                        "<i style='/*",
                                        "<!--[if",
                                        "<blockquote>x",
                                        "<td>",
                                        "<title>",
                                        "<title><!--",
                                        "<title><!--</title>",
                                        "<title><b x='</title>",
                                        "<textarea></textarea>",
                                        "<xmp></title>",
                                        "<plaintext>",
                                        "<![CDATA[",
                                        "<![CDATA[]]>",
                                        "<![CDATA[>",
                                        "<a href='data:,<a href=%22data:,'>",
                                        "<a href=data:,%3Ca%20href=data:,>",
                                        "<style>a{content:'b' '</style>",
                                        "<meta"};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        for (int tail = 0; tail < 2; tail++) {
            g_autofree char *quarter = page_of(units[i], tail, MOST / 4), *whole = page_of(units[i], tail, MOST);
            CpuRatio ratio = {.most = 8, .what = units[i]};
            while (cpu_ratio(&ratio)) {
                const char *html = ratio.larger ? whole : quarter;
                g_autoptr(GString) out = g_string_new(NULL);
                g_autoptr(GString) beside = g_string_new(NULL);
                HtmlText text = {.shown = out, .max = MOST, .aside = beside};
                html_read((Slice){html, strlen(html)}, &text);
                assert_true(out->len <= MOST + MOST / 4 && beside->len <= 2 * MOST + MOST / 4);
            }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_shows_what_its_reader_sees),
        cmocka_unit_test(writing_backwards_is_told),
        cmocka_unit_test(a_page_names_its_charset),
        cmocka_unit_test(colours_are_read_as_people_write_them),
        cmocka_unit_test(cost_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
