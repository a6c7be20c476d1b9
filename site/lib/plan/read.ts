// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject } from "ajv";
import { findNodeAtLocation, type ParseError, parse, parseTree, printParseErrorCode } from "jsonc-parser";
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

/** Compiles the plan file at `path`. Comments and trailing commas are taken. Throws `PlanFileMistake`. */
export function compileFile(path: string, options: Omit<CompileOptions, "zone" | "zoneDoubt">): PlanImage {
	const text = readText(path, "the plan", MAX_SIZE);
	const errors: ParseError[] = [];
	const document: unknown = parse(text, errors, { allowTrailingComma: true });
	const [first] = errors;
	if (first !== undefined)
		throw mistake(path, text, first.offset, `not JSON: ${printParseErrorCode(first.error)}`);
	const tree = parseTree(text, [], { allowTrailingComma: true });
	const offsetOf = (where: Path): number => {
		// What is missing has no place: then the thing that lacks it has.
		for (let length = where.length; tree !== undefined && length > 0; length--) {
			const node = findNodeAtLocation(tree, where.slice(0, length));
			if (node !== undefined) return node.offset;
		}
		return tree?.offset ?? 0;
	};
	const validate = new Ajv({ allErrors: false, strict: true }).compile(
		JSON.parse(readFileSync(schema, "utf8")),
	);
	if (!validate(document)) {
		const error = validate.errors![0]!;
		const where = error.instancePath.split("/").slice(1).map(unescapePointer);
		throw mistake(
			path,
			text,
			offsetOf(numbered(document, where)),
			`${where.join(".") || "the plan"} ${advice(error)}`,
		);
	}
	try {
		return compileImage(document as PlanDocument, {
			...options,
			zone: (name) => zoneNamed(name, options.issued),
			zoneDoubt,
		});
	} catch (error) {
		if (!(error instanceof PlanDocumentError)) throw error;
		throw mistake(path, text, offsetOf(error.path), `${error.path.join(".")}: ${error.message}`);
	}
}

function mistake(path: string, text: string, offset: number, message: string): PlanFileMistake {
	const before = text.slice(0, offset);
	const line = before.split("\n").length;
	const column = offset - (before.lastIndexOf("\n") + 1) + 1;
	return new PlanFileMistake(`${path}:${line}:${column}: ${message}`);
}

function advice(error: ErrorObject): string {
	const { params } = error;
	if (error.keyword === "additionalProperties")
		return `has "${params.additionalProperty}", which means nothing here; remove it`;
	if (error.keyword === "required") return `lacks "${params.missingProperty}"; add it`;
	if (error.keyword === "enum") return `must be one of ${params.allowedValues.join(", ")}`;
	if (error.keyword === "pattern") return `does not have the form ${params.pattern}`;
	return error.message ?? "is not what the schema says";
}

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
