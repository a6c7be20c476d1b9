// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { phoneWords } from "../words/phone.js";
import { HandOver } from "./hand-over.js";
import type { HeldCredential } from "./keyring.js";
import { askSigned } from "./site-api.js";

/** From this phone to another one of the same person: a link that the other one scans. */
export function MovePage({ one }: { one: HeldCredential }): JSX.Element {
	const t = phoneWords();
	const made = useSignal("");
	const submit = async (): Promise<void> => {
		const { link } = await askSigned<{ link: string }>(one, "POST", "/api/phone/move", {});
		made.value = link;
	};
	return (
		<>
			<Heading title={t.moveTitle(one.told.siteName)} />
			<p>{t.moveText}</p>
			{made.value === "" ? (
				<Form act={t.moveAct} onSubmit={submit} reasons={t.refusals}>
					{null}
				</Form>
			) : (
				<HandOver title={t.moveLink} text={t.moveLinkText} link={made.value} label={t.lentPicture} />
			)}
		</>
	);
}
