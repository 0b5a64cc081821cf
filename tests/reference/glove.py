"""What NumPy says of the published GloVe vectors, in double precision: `python tests/reference/glove.py FOLDER > tests/reference/glove.json`.

FOLDER holds `glove/glove.6B.50d.first10000.txt.gz`. Questions are those of Mikolov and others 2013 (their file questions-words.txt, in
lower case): a is to b as c is to d. An answer is the word nearest to b - a + c by cosine, all vectors at length 1, the question's own
words left out. Twenty are listed with cosine, chosen among those that are answered as published; of the whole sections family and
capital-common-countries the numbers right are counted, over the questions whose four words are all among the 10,000.
"""

import gzip
import json
import sys
from itertools import permutations

import numpy as np

TWENTY = """
athens greece baghdad iraq
athens greece moscow russia
beijing china stockholm sweden
berlin germany paris france
kabul afghanistan bangkok thailand
madrid spain tokyo japan
moscow russia stockholm sweden
paris france berlin germany
rome italy moscow russia
tokyo japan paris france
boy girl dad mom
dad mom grandfather grandmother
father mother son daughter
he she his her
king queen father mother
man woman king queen
man woman prince princess
son daughter dad mom
bad worse big bigger
australia australian brazil brazilian
"""

FAMILY = """boy girl, brother sister, brothers sisters, dad mom, father mother, grandfather grandmother, grandpa grandma,
grandson granddaughter, groom bride, he she, his her, husband wife, king queen, man woman, nephew niece, policeman policewoman,
prince princess, son daughter, sons daughters, stepbrother stepsister, stepfather stepmother, stepson stepdaughter, uncle aunt"""

CAPITALS = """athens greece, baghdad iraq, bangkok thailand, beijing china, berlin germany, bern switzerland, cairo egypt,
canberra australia, hanoi vietnam, havana cuba, helsinki finland, islamabad pakistan, kabul afghanistan, london england, madrid spain,
moscow russia, oslo norway, ottawa canada, paris france, rome italy, stockholm sweden, tehran iran, tokyo japan"""

path = f"{sys.argv[1]}/glove/glove.6B.50d.first10000.txt.gz"
with gzip.open(path, "rt", encoding="utf-8") as file:
    lines = [line.rstrip("\n").split(" ") for line in file]
words = [line[0] for line in lines]
number = {word: idx for idx, word in enumerate(words)}
vectors = np.array([line[1:] for line in lines], dtype=np.float64)
units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def answer(a, b, c, leave_out=True):
    sought = units[number[b]] - units[number[a]] + units[number[c]]
    cosines = units @ sought / np.linalg.norm(sought)
    if leave_out:
        cosines[[number[word] for word in (a, b, c)]] = -2.0
    best = int(np.argmax(cosines))
    return words[best], float(cosines[best])


def section(text):
    pairs = [pair.split() for pair in text.replace("\n", " ").split(",")]
    pairs = [pair for pair in pairs if all(word in number for word in pair)]
    right = sum(answer(*one, other[0])[0] == other[1] for one, other in permutations(pairs, 2))
    return {"pairs": pairs, "right": right}


def neighbours(word, count):
    cosines = units @ units[number[word]]
    cosines[number[word]] = -2.0
    return [[words[idx], round(float(cosines[idx]), 6)] for idx in np.argsort(-cosines)[:count]]


twenty = []
for question in TWENTY.strip().split("\n"):
    a, b, c, d = question.split()
    found, cosine = answer(a, b, c)
    assert found == d, (question, found)
    twenty.append({"question": [a, b, c], "answer": d, "cosine": round(cosine, 6)})
left_in, cosine = answer("man", "woman", "king", leave_out=False)
print(
    json.dumps(
        {
            "words": len(words),
            "first": words[:5],
            "last": words[-1],
            "twenty": twenty,
            "king_left_in": {"answer": left_in, "cosine": round(cosine, 6)},
            "neighbours_of_king": neighbours("king", 5),
            "family": section(FAMILY),
            "capitals": section(CAPITALS),
            "king": vectors[number["king"]].tolist(),
        },
        indent=1,
    )
)
