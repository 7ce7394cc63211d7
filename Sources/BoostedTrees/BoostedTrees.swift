// BoostedTrees
