import { placed } from "./layout";

// Laying out some hundred edges takes longer than a page may stand still.
onmessage = ({ data }: MessageEvent<Parameters<typeof placed>>) => postMessage(placed(...data));
