/* SPDX-License-Identifier: MIT */
/* say.c - see say.h. */
#include "base/say.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/raw.h"

struct out {
	char *at;  /* next byte to write */
	char *end; /* last byte of the buffer, kept for the terminating 0 */
};

struct spec {
	bool left;	/* '-': pad on the right */
	bool zero;	/* '0': pad with zeroes */
	unsigned width; /* least number of characters */
	unsigned longs; /* number of l's */
};

static void put(struct out *o, char c)
{
	if (o->at < o->end)
		*o->at++ = c;
}

static void put_padded(struct out *o, const char *text, size_t len, const struct spec *s)
{
	size_t pad = len < s->width ? s->width - len : 0;

	if (s->zero && pad && *text == '-') { /* the sign goes before the zeroes */
		put(o, '-');
		text++;
		len--;
	}
	for (; !s->left && pad; pad--)
		put(o, s->zero ? '0' : ' ');
	for (size_t i = 0; i < len; i++)
		put(o, text[i]);
	for (; pad; pad--)
		put(o, ' ');
}

static void put_number(struct out *o, uint64_t value, unsigned base, bool negative, struct spec *s)
{
	char digits[24];
	char *p = digits + sizeof digits;

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		*--p = '-';
	put_padded(o, p, (size_t)(digits + sizeof digits - p), s);
}

static const char *parse_spec(const char *f, struct spec *s)
{
	memset(s, 0, sizeof *s);
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else
			break;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		s->width = s->width * 10 + (unsigned)(*f - '0');
	for (; *f == 'l' || *f == 'z'; f++)
		s->longs++;
	return f;
}

size_t say_vformat(char *buf, size_t size, const char *format, va_list args)
{
	struct out o = { buf, buf + size - 1 };
	const char *text;
	struct spec s;
	int64_t number;
	char c;

	for (const char *f = format; *f; f++) {
		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f = parse_spec(f + 1, &s);
		switch (*f) {
		case 's':
			text = va_arg(args, const char *);
			text = text ? text : "(none)";
			put_padded(&o, text, strlen(text), &s);
			break;
		case 'c':
			c = (char)va_arg(args, int);
			put_padded(&o, &c, 1, &s);
			break;
		case 'd':
			number = s.longs ? va_arg(args, long) : va_arg(args, int);
			put_number(&o, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10,
				   number < 0, &s);
			break;
		case 'u':
		case 'x':
			put_number(&o,
				   s.longs ? va_arg(args, unsigned long) : va_arg(args, unsigned),
				   *f == 'x' ? 16 : 10, false, &s);
			break;
		case 'p':
			put_number(&o, (uintptr_t)va_arg(args, void *), 16, false, &s);
			break;
		case '\0':
			f--;
			break;
		default:
			put(&o, *f);
		}
	}
	*o.at = '\0';
	return (size_t)(o.at - buf);
}

size_t say_format(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	len = say_vformat(buf, size, format, args);
	va_end(args);
	return len;
}

void say(const char *format, ...)
{
	static const char prefix[] = "nommu: ";
	char line[1024];
	size_t len = sizeof prefix - 1;
	va_list args;

	memcpy(line, prefix, len);
	va_start(args, format);
	len += say_vformat(line + len, sizeof line - len - 1, format, args);
	va_end(args);
	line[len++] = '\n';
	(void)raw_write(2, line, len);
}
