/* SPDX-License-Identifier: MIT */
#include "kit/emit.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

static char *written;
static size_t written_size;

static FILE *open_text(void)
{
	return open_memstream(&written, &written_size);
}

static void check_text(FILE *out, const char *expected)
{
	fclose(out);
	ck_assert_str_eq(written, expected);
	free(written);
}

START_TEST(json_nests_and_separates)
{
	struct emit emit;
	FILE *out = open_text();

	emit_start(&emit, out);
	emit.compact = true;
	emit_object(&emit, NULL);
	emit_uint(&emit, "a", 1);
	emit_list(&emit, "b");
	emit_bool(&emit, NULL, true);
	emit_string(&emit, NULL, NULL);
	emit_end(&emit);
	emit_list(&emit, "c");
	emit_end(&emit);
	emit_hex(&emit, "d", 255);
	emit_int(&emit, "e", -1);
	emit_end(&emit);
	check_text(out, "{\"a\":1,\"b\":[true,null],\"c\":[],\"d\":\"0xff\",\"e\":-1}");
}
END_TEST

static const struct {
	const char *in, *json, *xml;
} escapes[] = {
	{ "a\"b\\c", "a\\\"b\\\\c", "a&quot;b\\c" },
	{ "<script>&'", "\\u003cscript>&'", "&lt;script&gt;&amp;&#39;" },
	{ "a\n\tb\x01", "a\\n\\tb\\u0001", "a\n\tb\xef\xbf\xbd" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xff", "\xef\xbf\xbd", "\xef\xbf\xbd" },
	{ "\xc3", "\xef\xbf\xbd", "\xef\xbf\xbd" },
	{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf8\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
};

START_TEST(text_is_escaped)
{
	FILE *out = open_text();

	emit_escape_json(out, escapes[_i].in);
	check_text(out, escapes[_i].json);
	out = open_text();
	emit_escape_xml(out, escapes[_i].in);
	check_text(out, escapes[_i].xml);
}
END_TEST

START_TEST(xml_closes_what_it_opens)
{
	struct emit emit;
	FILE *out = open_text();

	emit_xml_start(&emit, out);
	emit_tag(&emit, "a");
	emit_attr(&emit, "x", "\"1\"");
	emit_tag(&emit, "b");
	emit_tag_end(&emit);
	emit_tag(&emit, "c");
	emit_text(&emit, "1 < 2");
	emit_tag_end(&emit);
	emit_tag_end(&emit);
	check_text(out,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x=\"&quot;1&quot;\">\n  <b/>\n"
		   "  <c>1 &lt; 2</c>\n</a>\n");
}
END_TEST

SUITE("kit/emit", ONE(json_nests_and_separates), LOOP(text_is_escaped, ARRAY_SIZE(escapes)),
      ONE(xml_closes_what_it_opens))
