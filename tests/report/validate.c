/* SPDX-License-Identifier: MIT */
/*
 * validate.c - validate SCHEMA FILE: checks JSON against the part of JSON Schema that our schemas
 * use: type, const, enum, properties, required, additionalProperties, items, $ref to #/$defs,
 * pattern, minimum, minLength, minItems, maxItems. A keyword that it does not know is an error, so
 * that nothing goes unchecked.
 */
#include <json-c/json.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct json_object *root;
static int wrong;

static bool check(struct json_object *schema, struct json_object *value, const char *path);

static bool fail(const char *path, const char *what, struct json_object *detail)
{
	fprintf(stderr, "%s: %s %s\n", path, what,
		detail ? json_object_to_json_string(detail) : "");
	wrong++;
	return false;
}

static bool has_type(const char *name, struct json_object *value)
{
	enum json_type type = json_object_get_type(value);

	return strcmp(name, json_type_to_name(type)) == 0 ||
	       (strcmp(name, "integer") == 0 && type == json_type_int) ||
	       (strcmp(name, "number") == 0 && (type == json_type_int || type == json_type_double));
}

static bool check_type(struct json_object *types, struct json_object *value, const char *path)
{
	if (json_object_is_type(types, json_type_string))
		return has_type(json_object_get_string(types), value) ||
		       fail(path, "should be", types);
	for (size_t i = 0; i < json_object_array_length(types); i++)
		if (has_type(json_object_get_string(json_object_array_get_idx(types, i)), value))
			return true;
	return fail(path, "should be one of", types);
}

static bool check_enum(struct json_object *list, struct json_object *value, const char *path)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (json_object_equal(json_object_array_get_idx(list, i), value))
			return true;
	return fail(path, "should be one of", list);
}

static bool check_pattern(struct json_object *pattern, struct json_object *value, const char *path)
{
	regex_t regex;
	bool matches;

	if (regcomp(&regex, json_object_get_string(pattern), REG_EXTENDED | REG_NOSUB))
		return fail(path, "cannot compile", pattern);
	matches = regexec(&regex, json_object_get_string(value), 0, NULL, 0) == 0;
	regfree(&regex);
	return matches || fail(path, "should match", pattern);
}

static void check_required(struct json_object *names, struct json_object *value, const char *path)
{
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		struct json_object *name = json_object_array_get_idx(names, i);

		if (!json_object_object_get_ex(value, json_object_get_string(name), NULL))
			fail(path, "has no", name);
	}
}

static void check_members(struct json_object *schema, struct json_object *value, const char *path)
{
	struct json_object *properties = NULL, *others = NULL;
	char longer[1024];

	json_object_object_get_ex(schema, "properties", &properties);
	json_object_object_get_ex(schema, "additionalProperties", &others);
	json_object_object_foreach(value, key, member)
	{
		struct json_object *sub = NULL;

		snprintf(longer, sizeof(longer), "%s.%s", path, key);
		if (properties && json_object_object_get_ex(properties, key, &sub))
			check(sub, member, longer);
		else if (others && json_object_is_type(others, json_type_boolean) &&
			 !json_object_get_boolean(others))
			fail(longer, "is not in the schema", NULL);
		else if (others && json_object_is_type(others, json_type_object))
			check(others, member, longer);
	}
}

static void check_items(struct json_object *schema, struct json_object *value, const char *path)
{
	char longer[1024];

	for (size_t i = 0; i < json_object_array_length(value); i++) {
		snprintf(longer, sizeof(longer), "%s[%zu]", path, i);
		check(schema, json_object_array_get_idx(value, i), longer);
	}
}

static bool check_reference(struct json_object *reference, struct json_object *value,
			    const char *path)
{
	const char *name = json_object_get_string(reference);
	struct json_object *target = NULL;

	if (json_pointer_get(root, name + 1, &target))
		return fail(path, "reference to nothing", reference);
	return check(target, value, path);
}

static void check_keyword(const char *key, struct json_object *rule, struct json_object *value,
			  const char *path)
{
	static const char *const known[] = { "$schema",	    "$defs",	  "title",
					     "description", "properties", "additionalProperties",
					     NULL };
	int i = 0;

	if (strcmp(key, "type") == 0)
		check_type(rule, value, path);
	else if (strcmp(key, "const") == 0)
		(void)(json_object_equal(rule, value) || fail(path, "should be", rule));
	else if (strcmp(key, "enum") == 0)
		check_enum(rule, value, path);
	else if (strcmp(key, "$ref") == 0)
		check_reference(rule, value, path);
	else if (strcmp(key, "pattern") == 0)
		check_pattern(rule, value, path);
	else if (strcmp(key, "required") == 0)
		check_required(rule, value, path);
	else if (strcmp(key, "items") == 0)
		check_items(rule, value, path);
	else if (strcmp(key, "minimum") == 0)
		(void)(json_object_get_int64(value) >= json_object_get_int64(rule) ||
		       fail(path, "should be at least", rule));
	else if (strcmp(key, "minLength") == 0)
		(void)(json_object_get_string_len(value) >= json_object_get_int(rule) ||
		       fail(path, "should be longer than", rule));
	else if (strcmp(key, "minItems") == 0)
		(void)(json_object_array_length(value) >= json_object_get_uint64(rule) ||
		       fail(path, "should have at least", rule));
	else if (strcmp(key, "maxItems") == 0)
		(void)(json_object_array_length(value) <= json_object_get_uint64(rule) ||
		       fail(path, "should have at most", rule));
	else {
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			fail(path, "the schema has an unknown keyword", NULL);
	}
}

static bool check(struct json_object *schema, struct json_object *value, const char *path)
{
	struct json_object *type = NULL;
	int before = wrong;

	/* Of another type than it should be, nothing else about it can be asked. */
	if (json_object_object_get_ex(schema, "type", &type) && !check_type(type, value, path))
		return false;
	json_object_object_foreach(schema, key, rule)
	{
		if (strcmp(key, "type") != 0)
			check_keyword(key, rule, value, path);
	}
	if (json_object_is_type(value, json_type_object))
		check_members(schema, value, path);
	return wrong == before;
}

int main(int argc, char **argv)
{
	struct json_object *value;

	if (argc != 3) {
		fputs("validate SCHEMA FILE\n", stderr);
		return 2;
	}
	root = json_object_from_file(argv[1]);
	value = json_object_from_file(argv[2]);
	if (!root || !value) {
		fprintf(stderr, "%s\n", json_util_get_last_err());
		return 2;
	}
	check(root, value, "$");
	json_object_put(root);
	json_object_put(value);
	return wrong != 0;
}
