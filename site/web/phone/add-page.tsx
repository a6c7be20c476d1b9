// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Refused } from "../api.js";
import { Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Banner } from "../parts/notice.js";
import { go } from "../router.js";
import { phoneWords } from "../words/phone.js";
import { AcceptPage } from "./accept-page.js";
import { type Link, linkOf } from "./link.js";

/** A link that is pasted: of this page's site, or of another one, whose key may be kept here too. */
export function AddPage(): JSX.Element {
	const t = phoneWords();
	const text = useSignal("");
	const other = useSignal<Link | undefined>(undefined);
	const isHere = useSignal(false);
	const submit = async (): Promise<void> => {
		const link = linkOf(text.value);
		if (link === undefined) throw new Refused(0, "no-link", t.noLink);
		if (link.origin === location.origin) go(`/i/${link.token}`);
		else other.value = link;
	};
	const link = other.value;
	if (link !== undefined && isHere.value) return <AcceptPage link={link} />;
	return (
		<>
			<Heading title={t.add} />
			{link === undefined ? (
				<Form act={t.addAct} onSubmit={submit}>
					<Field
						label={t.link}
						hint={t.addText}
						type="url"
						required
						autocomplete="off"
						value={text.value}
						onInput={(value) => {
							text.value = value;
						}}
					/>
				</Form>
			) : (
				<Banner>
					<p>{t.otherSite(new URL(link.origin).host, location.host)}</p>
					<div class="actions">
						<a class="button" href={`${link.origin}/i/${link.token}`}>
							{t.otherThere}
						</a>
						<button
							type="button"
							onClick={() => {
								isHere.value = true;
							}}
						>
							{t.otherHere}
						</button>
					</div>
				</Banner>
			)}
		</>
	);
}
