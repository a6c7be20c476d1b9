// SPDX-License-Identifier: Apache-2.0
/*
 * Finds and loads ES modules by path. A map (lines of "name<TAB>path") names what bare specifiers stand for and which
 * files take the place of others on this engine; "@path" names where the text of a module is read instead, which keeps
 * its own path for what it imports. Everything else is relative to the module that imports it.
 */
#include "host.h"

typedef struct {
	char* name;
	char* path;
} Mapping;

static Mapping* mappings;
static int mappingCount;

const char* modulesLookUp(const char* name)
{
	int i;
	for (i = 0; i < mappingCount; i++)
		if (!strcmp(mappings[i].name, name))
			return mappings[i].path;
	return NULL;
}

/* The file of a module, or what the map has in its place. */
static FILE* openText(const char* path)
{
	char from[PATH_MAX + 1];
	const char* patched;
	snprintf(from, sizeof(from), "@%s", path);
	patched = modulesLookUp(from);
	return fopen(patched ? patched : path, "r");
}

int modulesReadMap(const char* path)
{
	char line[2 * PATH_MAX];
	FILE* file = openText(path);
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		char* tab = strchr(line, '\t');
		line[strcspn(line, "\r\n")] = 0;
		if (!tab)
			continue;
		*tab = 0;
		mappings = realloc(mappings, (mappingCount + 1) * sizeof(Mapping));
		mappings[mappingCount].name = strdup(line);
		mappings[mappingCount].path = strdup(tab + 1);
		mappingCount++;
	}
	fclose(file);
	return 1;
}

/* Takes "." and ".." out of an absolute path, in place. */
static void normalise(char* path)
{
	char* from = path;
	char* to = path;
	while (*from) {
		if (!strncmp(from, "/../", 4)) {
			from += 3;
			while (to > path && *--to != '/')
				;
		}
		else if (!strncmp(from, "/./", 3))
			from += 2;
		else
			*to++ = *from++;
	}
	*to = 0;
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	char name[PATH_MAX];
	char path[2 * PATH_MAX];
	const char* mapped;
	fxToStringBuffer(the, slot, name, sizeof(name));
	if (name[0] == '.') {
		char* slash;
		if (moduleID == XS_NO_ID)
			return XS_NO_ID;
		snprintf(path, PATH_MAX, "%s", fxGetKeyName(the, moduleID));
		slash = strrchr(path, '/');
		if (!slash)
			return XS_NO_ID;
		snprintf(slash, PATH_MAX, "/%s", name);
		normalise(path);
	}
	else
		snprintf(path, sizeof(path), "%s", name);
	mapped = modulesLookUp(path);
	if (!mapped && path[0] != '/')
		return XS_NO_ID;
	return fxNewNameC(the, (txString)(mapped ? mapped : path));
}

static txScript* loadScript(txMachine* the, char* path)
{
	txParser parser;
	txParserJump jump;
	txScript* volatile script = NULL;
	FILE* file = openText(path);
	if (!file)
		return NULL;
	fxInitializeParser(&parser, the, the->parserBufferSize, the->parserTableModulo);
	parser.firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		txString name = NULL;
		parser.path = fxNewParserSymbol(&parser, path);
		fxParserTree(&parser, file, (txGetter)fgetc, 0, &name);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fclose(file);
	fxTerminateParser(&parser);
	return script;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
	char path[PATH_MAX];
	txScript* script;
	snprintf(path, sizeof(path), "%s", fxGetKeyName(the, moduleID));
	script = loadScript(the, path);
	if (script)
		fxResolveModule(the, module, moduleID, script, C_NULL, C_NULL);
}
