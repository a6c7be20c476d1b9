import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { assert } from "chai";
import { toHex } from "../../../src/bytes.js";
import { checkConfig } from "../../../src/config/document.js";
import { encodeFrame, KIND } from "../../../src/provisioning/frame.js";
import { encodeValue } from "../../../src/provisioning/value.js";
import { doorSchema } from "../../../tools/lintel/door-schema.js";
import { root } from "../../support/host.js";

const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

describe("door.schema.json", () => {
	it("is what the reader's tables say", () => {
		assert.deepEqual(json("schema/door.schema.json"), JSON.parse(JSON.stringify(doorSchema())));
	});

	for (const name of ["single-door", "fail-safe-maglock", "no-door-switch"])
		it(`takes examples/${name}.json, and so does the reader`, () => {
			const validate = new Ajv().compile(json("schema/door.schema.json") as object);
			const example = json(`examples/${name}.json`);
			assert.isTrue(validate(example), JSON.stringify(validate.errors));
			assert.notProperty(checkConfig(example), "problems");
			assert.isFalse(validate({ ...(example as object), colour: "red" }));
		});
});

describe("docs/provisioning.md", () => {
	it("has the bytes that are sent", () => {
		const frame = encodeFrame({
			version: 1,
			kind: KIND.request,
			client: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
			number: 1,
			payload: encodeValue(["info"]),
		});
		assert.include(readFileSync(join(root, "docs/provisioning.md"), "utf8"), toHex(frame));
	});
});
