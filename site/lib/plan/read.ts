// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject } from "ajv";
import { findNodeAtLocation, type ParseError, parse, parseTree } from "jsonc-parser";
import { jsonMistake } from "../files/json-text.js";
import { readText } from "../files/text-file.js";
import { type CompileOptions, compileImage } from "./compile.js";
import { type Path, type PlanDocument, PlanDocumentError } from "./document.js";
import type { PlanImage } from "./encode.js";
import { zoneDoubt, zoneNamed } from "./zones.js";

/** Something to change in a plan file, at a place that an editor jumps to. */
export class PlanFileMistake extends Error {
	override name = "PlanFileMistake";
}

/** Bytes: a site of a million credentials has fewer. */
const MAX_SIZE = 256 * 1024 * 1024;

const schema = new URL("../../../../schema/plan.schema.json", import.meta.url);

/** A plan file that the schema takes. `mistake`: one in it, with its place in the file. */
export interface PlanFileText {
	readonly document: PlanDocument;
	readonly mistake: (where: Path, message: string) => PlanFileMistake;
}

/** Reads the plan file at `path`. Comments and trailing commas are taken. Throws `PlanFileMistake`. */
export function readPlanFile(path: string): PlanFileText {
	const text = readText(path, "the plan", MAX_SIZE);
	const errors: ParseError[] = [];
	const document: unknown = parse(text, errors, { allowTrailingComma: true });
	const [first] = errors;
	if (first !== undefined) {
		const { offset, words } = jsonMistake(text, first);
		throw mistakeAt(path, text, offset, `not JSON: ${words}`);
	}
	const tree = parseTree(text, [], { allowTrailingComma: true });
	const offsetOf = (where: Path): number => {
		// What is missing has no place: then the thing that lacks it has.
		for (let length = where.length; tree !== undefined && length > 0; length--) {
			const node = findNodeAtLocation(tree, where.slice(0, length));
			if (node !== undefined) return node.offset;
		}
		return tree?.offset ?? 0;
	};
	const validate = new Ajv({ allErrors: false, strict: true, verbose: true }).compile(
		JSON.parse(readFileSync(schema, "utf8")),
	);
	if (!validate(document)) {
		const error = validate.errors![0]!;
		const where = error.instancePath.split("/").slice(1).map(unescapePointer);
		throw mistakeAt(
			path,
			text,
			offsetOf(numbered(document, where)),
			`${where.join(".") || "the plan"} ${advice(error)}`,
		);
	}
	return {
		document: document as PlanDocument,
		mistake: (where, message) => mistakeAt(path, text, offsetOf(where), `${where.join(".")}: ${message}`),
	};
}

/** Compiles the plan file at `path`. Throws `PlanFileMistake`. */
export function compileFile(path: string, options: Omit<CompileOptions, "zone" | "zoneDoubt">): PlanImage {
	const { document, mistake } = readPlanFile(path);
	try {
		return compileImage(document, {
			...options,
			zone: (name) => zoneNamed(name, options.issued),
			zoneDoubt,
		});
	} catch (error) {
		if (!(error instanceof PlanDocumentError)) throw error;
		throw mistake(error.path, error.message);
	}
}

function mistakeAt(path: string, text: string, offset: number, message: string): PlanFileMistake {
	const before = text.slice(0, offset);
	const line = before.split("\n").length;
	const column = offset - (before.lastIndexOf("\n") + 1) + 1;
	return new PlanFileMistake(`${path}:${line}:${column}: ${message}`);
}

/** In words: a person who writes plans has not learned JSON Schema. */
function advice({ keyword, message, params, parentSchema, propertyName }: ErrorObject): string {
	switch (keyword) {
		case "additionalProperties":
			return `has "${params.additionalProperty}", which means nothing here; remove it`;
		case "required":
			return `lacks "${params.missingProperty}"; add it`;
		case "enum":
			return `must be one of ${params.allowedValues.join(", ")}`;
		case "pattern":
			return `${propertyName === undefined ? "is" : `has the name "${propertyName}", which is`} not as it has to be: ${(parentSchema as { description: string }).description}`;
		case "type":
			return `must be ${TYPES[String(params.type)] ?? params.type}`;
		case "minItems":
		case "minProperties":
			return `needs at least ${params.limit}`;
		case "minimum":
			return `must be at least ${params.limit}`;
		case "maximum":
			return `must be at most ${params.limit}`;
		default:
			return message ?? "is not what the schema says";
	}
}

const TYPES: Readonly<Record<string, string>> = {
	string: "text in double quotes",
	integer: "a whole number",
	number: "a number",
	boolean: "true or false",
	array: "a list in [ ]",
	object: "an object in { }",
};

function unescapePointer(text: string): string {
	return text.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Indices of arrays as numbers, as jsonc-parser wants them. */
function numbered(document: unknown, where: readonly string[]): Path {
	let value = document as Record<string, unknown>;
	return where.map((part) => {
		const key = Array.isArray(value) ? Number(part) : part;
		value = value?.[key] as Record<string, unknown>;
		return key;
	});
}
