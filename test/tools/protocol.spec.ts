import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { picture } from "../../tools/docs/picture.js";
import { withExample, workedExample } from "../../tools/docs/worked-example.js";
import { root } from "../support/host.js";

describe("docs/PROTOCOL.md", () => {
	it("has the worked example that the code gives, each value computed a second way", () => {
		const document = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8");
		assert.equal(document, withExample(document), "run `npm run docs`");
	});

	it("keeps suite 4 in three short pairs and 700 bytes", () => {
		const { exchanges } = workedExample();
		assert.lengthOf(exchanges, 3);
		let bytes = 0;
		for (const { command, response } of exchanges) {
			assert.isAtMost(response.length, 257);
			bytes += command.length + response.length;
		}
		assert.isAtMost(bytes, 700);
	});
});

describe("docs/simulator.svg", () => {
	it("is the picture of the tap that `npm start` prints", () => {
		const committed = readFileSync(join(root, "docs/simulator.svg"), "utf8");
		assert.equal(committed, picture(), "run `npm run docs`");
	});
});
