import { checkStart } from '/tmp/w/site/spec/site/checkStart';
console.log(await checkStart('/tmp/w/site'));
